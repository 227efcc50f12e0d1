#!/bin/sh
# Runs in a pod, with the AWS CLI: asks Amazon ECR for a token for each line of $ROTATION/regions (name, region, whether its
# FIPS endpoint is asked), and leaves the answers in $TOKENS. A region that fails stops no other: rotate.pod.mjs says whose
# token is missing, and fails.
set -u
umask 077
while read -r name region fips; do
  file="$TOKENS/$name.ecr-token.json"
  AWS_USE_FIPS_ENDPOINT="$fips" aws ecr get-authorization-token --region "$region" --output json </dev/null >"$file.part"
  code=$?
  if [ "$code" -eq 0 ]; then
    mv "$file.part" "$file"
  else
    rm -f "$file.part"
    echo "$name: aws ecr get-authorization-token: got exit code $code; a role that may ask for tokens there would do" >&2
  fi
done <"$ROTATION/regions"
