import { GetFunctionCommand, type LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { mapWithin } from '../engine/gate';
import { parseUse, type Use } from '../lib/model/in-use';
import { allPages } from './pages';

const CALLS_AT_ONCE = 8;

/** Images of the functions of a region, all their versions included. */
export async function lambdaUses(client: LambdaClient, region: string): Promise<readonly Use[]> {
  const versions = await allPages(async (Marker) => {
    const answer = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL', Marker }));
    const images = (answer.Functions ?? []).filter(({ PackageType }) => PackageType === 'Image');
    return { items: images, next: answer.NextMarker };
  });
  const uses = await mapWithin(CALLS_AT_ONCE, versions, async ({ FunctionName = '', Version = '$LATEST' }) => {
    const { Code: code } = await client.send(new GetFunctionCommand({ FunctionName, Qualifier: Version }));
    const by = `Lambda function ${FunctionName} (${Version}) in ${region}`;
    // As it was given, and the digest that it stood for when the function was updated.
    return [code?.ImageUri, code?.ResolvedImageUri].flatMap((image) => parseUse(image, by) ?? []);
  });
  return uses.flat();
}
