// For clients of the AWS SDK which functions of CDK have in AWS and we have no other use for: a call as the SDK would make it,
// to the address of the local stack, signed in name only.

exports.post = async (service, headers, body) => {
  const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID } = process.env;
  const scope = `${AWS_ACCESS_KEY_ID}/20260101/${AWS_REGION}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const answer = await fetch(AWS_ENDPOINT_URL, { method: 'POST', headers: { ...headers, authorization }, body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${service}: ${answer.status} ${text}`);
  return text;
};
