import { type History, type Look, noteLook } from '../lib/model/sightings';

/** A look at a source, by the name of what was looked at: its canonical reference. */
export interface NamedLook extends Look {
  readonly name: string;
}

/** Remembers what references of sources stood for, and since when. */
export interface Sightings {
  /**
   * Takes looks and gives the histories with them, in the order of the looks. What is new is written down before it resolves, unless
   * this is for looking only.
   *
   * @param now milliseconds since the epoch
   */
  note(looks: readonly NamedLook[], now: number): Promise<readonly History[]>;
}

/** Nothing is remembered: everything is seen for the first time. */
export const noSightings: Sightings = {
  note: async (looks, now) => looks.map((look) => noteLook([], look, now)),
};
