import type { MirrorPlaces } from './mirror-places';
import type { MirrorRepository } from './mirror-repository';
import { declareImage, type MirroredImage, sourceRepository } from './mirrored-image';
import { show } from './model/invalid';
import { PropsInvalid } from './props-invalid';
import type { Repositories } from './repositories';

/** An image on its way into the stack: its row, and the repository that was created for it. */
export interface PlacedImage {
  /** The row's key. */
  readonly key: string;
  readonly repositoryName: string;
  readonly destination: MirrorRepository;
}

/** The images that are declared for a mirror: each once, and all of a source's in one repository. */
export class DeclaredImages {
  private readonly byKey = new Map<string, { readonly repository: string; readonly destination: MirrorRepository }>();

  constructor(private readonly created: Repositories) {}

  /** Of the rows, in the order of their declaration. */
  get keys(): string[] {
    return [...this.byKey.keys()];
  }

  /** @throws Error naming the image, what was got and what would do. */
  add(image: MirroredImage, { mapping, permissions }: MirrorPlaces): PlacedImage {
    const { key, tag, repository, repositoryName } = declareImage(image, mapping, permissions.sources);
    if (this.byKey.has(key))
      throw new PropsInvalid(`images: got ${show(key)} twice; once would do, with tags for several of its tags`);
    const destination = this.created.ensure(repositoryName, { key, tag, selection: image.tags?._selection() });
    const earlier = [...this.byKey.values()].find((one) => one.repository === repository);
    if (earlier !== undefined && earlier.destination !== destination) {
      throw new PropsInvalid(`images: got two repository names for ${show(repository)}; one would do`);
    }
    this.byKey.set(key, { repository, destination });
    return { key, repositoryName, destination };
  }

  /** @throws Error when nothing of the source is declared. */
  repositoryFor(source: string): MirrorRepository {
    const wanted = sourceRepository(source);
    const found = [...this.byKey.values()].find(({ repository }) => repository === wanted);
    if (found !== undefined) return found.destination;
    const declared = [...new Set([...this.byKey.values()].map(({ repository }) => repository))];
    throw new PropsInvalid(`repositoryFor: got ${show(source)}; declared here: ${declared.join(', ') || 'no images'}`);
  }
}
