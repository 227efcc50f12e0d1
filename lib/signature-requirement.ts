import { type SignatureRequirement as Requirement, readSignatureRequirement } from './model/signature-requirement';
import { PropsInvalid } from './props-invalid';

/**
 * Who must have signed an image before it is mirrored: verified by the worker, for the very digest that it copies. An image
 * without such a signature is kept out, as `Quarantined`, until it has one.
 *
 * @example
 *
 * SignatureRequirement.keyless(
 *   'https://github.com/org/app/.github/workflows/release.yml@refs/heads/main',
 *   'https://token.actions.githubusercontent.com',
 * );
 */
export class SignatureRequirement {
  /**
   * The holder of a key.
   *
   * @param pem The public key in PEM, as in `cosign.pub`: ECDSA, Ed25519, or RSA of at least 2048 bits.
   */
  public static key(pem: string): SignatureRequirement {
    return new SignatureRequirement(read({ key: pem }));
  }

  /**
   * The holder of any one of several keys, while one takes the place of another.
   *
   * @param pems The public keys in PEM, at most ten.
   */
  public static anyKey(...pems: string[]): SignatureRequirement {
    return new SignatureRequirement(read({ keys: pems }));
  }

  /**
   * An identity that signs without a key of its own, by certificates of sigstore.
   *
   * @param identity Subject of the certificate, letter by letter; or `/a regular expression/` in the syntax of RE2 that matches
   * all of it.
   * @param issuer Who vouches for the identity: `https://token.actions.githubusercontent.com`.
   */
  public static keyless(identity: string, issuer: string): SignatureRequirement {
    return new SignatureRequirement(read({ identity, issuer }));
  }

  private constructor(private readonly requirement: Requirement) {}

  /**
   * As the runtime knows it.
   *
   * @internal
   */
  public _requirement(): Requirement {
    return this.requirement;
  }
}

/** @throws Error naming the part, what was got and what would do. */
function read(written: object): Requirement {
  try {
    return readSignatureRequirement(written);
  } catch (error) {
    throw new PropsInvalid(`SignatureRequirement: ${(error as Error).message}`);
  }
}
