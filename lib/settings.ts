import { Lazy, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { MirrorSettings } from './model/settings';
import { PropsInvalid } from './props-invalid';

/** Most that an advanced parameter holds, in characters. */
const LONGEST = 8192;

export interface SettingsProps {
  /** Asked when the template is made, so that what is added until then is in it. */
  readonly settings: () => MirrorSettings;
}

/** What controller and worker are told, as one parameter: a function's environment holds 4 KB in all. */
export class Settings extends Construct {
  readonly parameter: StringParameter;

  constructor(scope: Construct, id: string, props: SettingsProps) {
    super(scope, id);
    this.parameter = new StringParameter(this, 'Resource', {
      description: 'What the rows of the mirror may ask for, where images go, and which secrets hold credentials',
      stringValue: Lazy.string({ produce: () => this.json(props.settings()) }),
      tier: ParameterTier.INTELLIGENT_TIERING,
    });
  }

  grantRead(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['ssm:GetParameter'],
      resourceArns: [this.parameter.parameterArn],
    });
  }

  private json(settings: MirrorSettings): string {
    const { length } = JSON.stringify(settings);
    if (length > LONGEST) {
      throw new PropsInvalid(
        `EcrMirror: got ${length} characters of allowed patterns, aliases, credentials, settings of repositories and trusted root; at most ${LONGEST} would do, wider patterns are shorter`,
      );
    }
    return Stack.of(this).toJsonString(settings);
  }
}
