import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { grantKey } from './key-access';
import { InvalidValue } from './model/invalid';
import { parseRegistry } from './model/reference';
import { checkWebhookName, type WebhookKind, type WebhookSetting } from './model/webhook';
import { PropsInvalid } from './props-invalid';

/** A sender whose webhooks are proven by a secret. */
export interface WebhookSourceOptions {
  /**
   * What proves the sender, in AWS Secrets Manager: a text of 16 characters or more, or a JSON list of several that count while
   * one takes the place of another. A rotated secret counts within five minutes.
   */
  readonly secret: ISecret;

  /**
   * The registry that it speaks of: rows with other sources do not concern it.
   *
   * @default - the sender's own, such as `ghcr.io`
   */
  readonly registry?: string;

  /**
   * Path under the URL for webhooks: lower-case letters, digits and hyphens.
   *
   * @default - the sender's name, such as `ghcr`
   */
  readonly name?: string;
}

/** Chainguard, whose webhooks are proven by a token that it signs. */
export interface ChainguardWebhookOptions {
  /** Id of the organization or folder that is subscribed: `chainctl iam organizations list`. */
  readonly group: string;

  /** What the organization is called in references: `example.com` of `cgr.dev/example.com/python`. */
  readonly organization: string;

  /**
   * Path under the URL for webhooks: lower-case letters, digits and hyphens.
   *
   * @default 'chainguard'
   */
  readonly name?: string;
}

/** Who may tell the mirror that something was pushed: it looks at the rows of that image, and at nothing else, at once. */
export class WebhookSource {
  /**
   * Whoever signs by Standard Webhooks: root.io. At most five minutes early or late, and each once.
   *
   * @param options Its registry is `cr.root.io` unless another is given.
   */
  public static standardWebhooks(options: WebhookSourceOptions): WebhookSource {
    return WebhookSource.bySecret('standard', options, { name: 'root', registry: 'cr.root.io' });
  }

  /**
   * GitHub's container registry: the event `package` (of an organization) or `registry_package` (of a repository), signed.
   *
   * @param options The secret is that of the webhook.
   */
  public static ghcr(options: WebhookSourceOptions): WebhookSource {
    return WebhookSource.bySecret('github', options, { name: 'ghcr', registry: 'ghcr.io' });
  }

  /**
   * Harbor: the event "Artifact pushed". It is not signed: the secret is the whole "Auth Header".
   *
   * @param options Its registry has to be given.
   */
  public static harbor(options: WebhookSourceOptions): WebhookSource {
    return WebhookSource.bySecret('harbor', options, { name: 'harbor' });
  }

  /**
   * Docker Hub. It signs nothing: whoever knows the path can have rows looked at.
   *
   * @param options The secret is the last part of the path: `docker-hub/<secret>`.
   */
  public static dockerHub(options: WebhookSourceOptions): WebhookSource {
    return WebhookSource.bySecret('docker-hub', options, { name: 'docker-hub', registry: 'docker.io' });
  }

  /**
   * Quay: the event "Push to Repository". It signs nothing: whoever knows the path can have rows looked at.
   *
   * @param options The secret is the last part of the path: `quay/<secret>`.
   */
  public static quay(options: WebhookSourceOptions): WebhookSource {
    return WebhookSource.bySecret('quay', options, { name: 'quay', registry: 'quay.io' });
  }

  /** Chainguard: events of its registry, with a token of `https://issuer.enforce.dev` about the group. */
  public static chainguard(options: ChainguardWebhookOptions): WebhookSource {
    const { group, organization } = options;
    const name = checked(() => checkWebhookName(options.name ?? 'chainguard'));
    return new WebhookSource(name, {
      kind: 'chainguard',
      registry: 'cgr.dev',
      subject: `webhook:${group}`,
      organization,
    });
  }

  private static bySecret(
    kind: WebhookKind,
    { secret, ...given }: WebhookSourceOptions,
    usual: { readonly name: string; readonly registry?: string },
  ): WebhookSource {
    const registry = given.registry ?? usual.registry;
    if (registry === undefined) {
      throw new PropsInvalid(`WebhookSource.${kind}: got no registry; registry: 'harbor.example.com' would do`);
    }
    const name = checked(() => checkWebhookName(given.name ?? usual.name));
    return new WebhookSource(name, { kind, registry: checked(() => parseRegistry(registry)) }, secret);
  }

  private constructor(
    /** Path under the URL for webhooks. */
    public readonly name: string,
    private readonly proof: Omit<WebhookSetting, 'name' | 'secretArn'>,
    private readonly secret?: ISecret,
  ) {}

  /**
   * As the runtime knows it.
   *
   * @internal
   */
  public _setting(): WebhookSetting {
    return { name: this.name, ...this.proof, ...(this.secret && { secretArn: this.secret.secretArn }) };
  }

  /** @internal */
  public _grantRead(grantee: IGrantable): void {
    if (this.secret === undefined) return;
    const { secretFullArn, secretArn, encryptionKey } = this.secret;
    const arn = secretFullArn ?? `${secretArn}-??????`;
    Grant.addToPrincipal({ grantee, actions: ['secretsmanager:GetSecretValue'], resourceArns: [arn] });
    grantKey(encryptionKey, grantee, { service: 'secretsmanager', actions: ['Decrypt'] });
  }
}

/** @throws Error naming the part, what was got and what would do. */
function checked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidValue) throw new PropsInvalid(`WebhookSource: ${error.message}`);
    throw error;
  }
}
