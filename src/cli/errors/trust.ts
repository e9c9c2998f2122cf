/** Signatures, approvals, plans. */
export const TRUST_ERRORS = {
  'not-admitted': {
    cause:
      'The environment was asked to change something that it has not let in: the plan, the way back or the approvals are not what it checked itself, another promotion was let in since, or this one has ended. Somebody may be talking to the task queue by hand.',
    remedy:
      'Look at who asked (the workflow in the Temporal UI, the worker\'s log). Abort a promotion that another one has displaced; start releases with "sluice start".',
  },
  'signature-missing': {
    cause: 'The image carries no Cosign signature, neither as a referrer nor under its signature tag.',
    remedy: 'Sign the image by digest with cosign, then start a new version (or "retry" while it waits).',
  },
  'signature-untrusted': {
    cause:
      'The image is signed, but by no key and no identity that "trust" lists, or by several of whom each has something else against it.',
    remedy: 'Sign it with a trusted key or identity; change "trust" only if the signer is meant to be trusted.',
  },
  'signature-other-image': {
    cause:
      'All that lies beside the image as a signature signs another digest: it was copied from elsewhere, or the image was built anew since.',
    remedy: 'Sign this image by its digest, then start a new version. Find out who put the other one beside it.',
  },
  'signature-too-large': {
    cause: 'All that lies beside the image as a signature is larger than any signature. Not a byte of it was fetched.',
    remedy: 'Sign the image by digest, then start a new version. Find out who pushed what is there, and delete it.',
  },
  'certificate-expired': {
    cause:
      'The certificate of the signature had expired, or was not valid yet, at the time that the log or the timestamp authority confirms.',
    remedy: 'Sign the image anew, with a clock that is right and a log or timestamp authority that answers in time.',
  },
  'log-entry-foreign': {
    cause:
      'The entry of the transparency log that comes with the signature is about another signature or another image.',
    remedy: 'Sign the image anew, so that its own entry comes with it. Find out who put this one together.',
  },
  'signature-incomplete': {
    cause:
      'The environment wants signatures of several signers ("proofs.signatures"), and not all of them have signed.',
    remedy: 'Have the missing ones sign the image by digest, then start a new version.',
  },
  'record-missing': {
    cause:
      'Another environment must have promoted this very image before it may enter here ("proofs.records"), and no record of that lies beside the image.',
    remedy:
      'Let the image pass that environment first, with a worker that signs records; then start a new version. "retry" does while it waits.',
  },
  'record-untrusted': {
    cause:
      'Beside the image lies what calls itself a record of a promotion, and it proves none: it is signed with another key than that of the environment it names, or says something else than it must.',
    remedy:
      'Find out who has attached it (the log of that registry). Where the key of an environment has changed, write the new one under its "records.publicKey", and let the image pass there again.',
  },
  'record-key-unusable': {
    cause:
      'The key with which the environment signs its records is missing, encrypted, neither ECDSA P-256 nor Ed25519, may not be used, or is not the other half of "records.publicKey".',
    remedy:
      'Give the environment\'s worker the right key ("environments.<name>.records.key"), look with "sluice doctor", then "retry": nothing that runs has to be done again.',
  },
  'record-key-unreachable': {
    cause:
      'The key vault with which the environment signs its records does not answer, or the identity with which it is asked.',
    remedy:
      'Check address, network and identity of the worker; it is tried again for a while, and nothing that runs is done again.',
  },
  'signer-revoked': {
    cause:
      'The image itself, its signature, or the key or identity that made it stands in the file of what is revoked ("trust.revoked"). A release that is under way stops before it changes the cluster.',
    remedy:
      'Read there why and by whom. Build and sign anew with a key that counts; take the entry out only if it was a mistake, then "retry" or start a new version.',
  },
  'signer-not-valid': {
    cause:
      'The signature is right, and its key or identity counts only for a time ("from", "until") in which it was not made, or which is over or has not begun.',
    remedy: 'Sign with a key that counts now, or correct the time in "trust" if it is wrong.',
  },
  'signer-unreachable': {
    cause:
      'What is needed to know a signer does not answer: the key vault, or the identity with which it is asked. Nobody can find out whether the signature is theirs.',
    remedy: 'Check address, network and identity of the worker; it is tried again for a while.',
  },
  'signer-forbidden': {
    cause: 'The key vault does not let the worker read the public key of a signer.',
    remedy:
      'Give the identity of the worker the role "Key Vault Crypto User" (or the right "get" for keys), then "sluice retry".',
  },
  'signer-unusable': {
    cause:
      'The key of a signer cannot verify anything: the vault has no such version, it is disabled, or it is no key for signatures; or the program "notation" is missing or does not do what it should.',
    remedy:
      'Correct the entry under "trust", enable the key, or install "notation" for the worker; then "sluice retry".',
  },
  'revocations-unreadable': {
    cause:
      'The file of what is revoked ("trust.revoked") cannot be read or understood. What is not read might revoke anything, so nothing is let through.',
    remedy: 'Correct the file; it is read anew at each try. "sluice doctor" names the line.',
  },
  'manifests-unsigned': {
    cause:
      'The environment wants the manifests signed (`proofs.manifests`), and the artefact that holds them carries no signature.',
    remedy:
      'Publish them with "sluice manifests push", sign the reference that it prints with cosign, and start a new version with "sluice start": docs/manifests.md.',
  },
  'manifests-untrusted': {
    cause:
      'The artefact that holds the manifests is signed, but by none of the signers that `proofs.manifests` of the environment names, or the signature is for another digest.',
    remedy: 'Have it signed by one of them: docs/manifests.md. A signature on the image does not sign the manifests.',
  },
  'manifests-incomplete': {
    cause:
      'The environment wants the manifests signed by several signers (`proofs.manifests`), and one of them has not.',
    remedy: 'Have the missing one sign the artefact by its digest, and start a new version.',
  },
  'author-unknown': {
    cause:
      'The people who made an image may not approve it here, and no provenance of it by a trusted signer names them.',
    remedy:
      'Attest the provenance to the image with a trusted key ("cosign attest"), of a type and with names where "trust.authors" looks, and start a new version.',
  },
  'approval-not-open': {
    cause:
      'The promotion asks nobody at the moment: not yet, or not any more; or it has no plan yet that could be answered, or let pass a gate.',
    remedy: 'Look at it with "sluice status" and answer when it waits for approval, or for a gate.',
  },
  'approval-other-plan': {
    cause:
      'The answer is for another plan than the one that waits: it was given by an old digest, or the plan has changed since (the configuration, or what runs in the environment).',
    remedy:
      'Look again with "sluice status": where people are asked again it says what has changed and whose yes is void. Answer the plan that it shows.',
  },
  'approval-duplicate': {
    cause: 'The same person has answered already; every person counts once.',
    remedy: 'Ask another person of the group.',
  },
  'approval-excluded': {
    cause:
      'The rule excludes this person under one of their names: they started the release ("not: [requester]", the default), or made the image, as its signed provenance says ("not: [author]"). An override is never given by whoever started the release, whatever "not" says.',
    remedy: 'Ask another person of the group; "sluice status" says who is excluded, and why.',
  },
  'approval-reason-missing': {
    cause: 'A no without a reason helps nobody, and passing a closed gate, a stop or a hold has to be explained.',
    remedy: 'Say why, with --reason. "sluice override" asks for it before it sends anything.',
  },
  'approval-malformed': {
    cause: 'The answer is not of the form that the contract describes, or names nobody.',
    remedy:
      'Answer with "sluice approve" or "sluice reject", and pass a gate with "sluice override"; set SLUICE_USER if your name is empty.',
  },
  'approval-unproven': {
    cause:
      'The answer carries no proof of who gave it, or the proof is for another answer than the one beside it, or not enough proven answers are there.',
    remedy: 'Log in with "sluice login" and answer again.',
  },
  'approval-key-unknown': {
    cause:
      'The answer is signed, with a key that nobody is known by: not in `trust.approvers`, or the workers have an older file.',
    remedy: 'Have your public key added ("sluice whoami" prints it), and the workers restarted.',
  },
  'approval-signature-invalid': {
    cause:
      "The signature is not by the key that the statement names, the statement was changed since, or it is signed in a way that is never accepted (`none`, a shared secret, another algorithm than the key's).",
    remedy: 'Say it again with "sluice approve", "sluice reject" or "sluice override"; look into who sent this one.',
  },
  'approval-other-release': {
    cause: 'The signed statement is for another release, service, version or environment than it was sent to.',
    remedy: 'Answer the release that you mean; a statement counts for the one that it names.',
  },
  'approval-stale': {
    cause:
      'The signed statement says until when it counts, and that is over; or it arrived after the identity token with which it was signed had ended (a signal that waited for a worker, a time that somebody has made up), or the environment has lost its memory of when it arrived.',
    remedy: 'Log in again if your login has ended, look at the plan with "sluice status" and answer again.',
  },
  'approval-from-future': {
    cause: "The statement was signed later than it is by the environment's clock; a minute of difference is allowed.",
    remedy: 'Set the clock of the machine that signs (or of the worker), and answer again.',
  },
  'approval-replayed': {
    cause:
      'The very same signed statement was sent to this promotion before, or has let another one into the environment (also an earlier run of this one, before it was reset).',
    remedy:
      'Say it anew with "sluice approve" or "sluice override", or start a new version where the promotion has ended; if it was not you who sent it, find out who did.',
  },
  'approval-wrong-group': {
    cause:
      'The person has proven who they are, and is in none of the groups that are asked: not any more, not yet (widening), or never. For an override: in none that may pass the gates it names.',
    remedy: 'Ask somebody of the groups that "sluice status" names, or have the membership changed where it is kept.',
  },
  'approval-out-of-order': {
    cause: 'The groups answer one after the other here, and it is not the turn of this person.',
    remedy: 'Look at who is asked with "sluice status", and answer when they have.',
  },
  'approval-too-large': {
    cause: 'The reason, the statement or the list of gates of an answer or an override is larger than any honest one.',
    remedy: 'Say it in at most 2,000 characters, and link to the rest.',
  },
  'approval-rejected': {
    cause: 'Somebody said no.',
    remedy: 'Read the reason in "sluice status", repair it, and start a new version.',
  },
  'approval-expired': {
    cause: 'Nobody, or not enough people, answered in time.',
    remedy: 'Start a new version and tell the approvers; "expiresAfter" sets the time.',
  },
  'identity-untrusted': {
    cause: 'The identity token is not from the issuer that `trust.identity` names, or not signed with one of its keys.',
    remedy:
      'Log in again with "sluice login"; check that `trust.identity.issuer` is written as the issuer writes itself.',
  },
  'identity-other-audience': {
    cause: 'The identity token was made for another application, or for several.',
    remedy: 'Log in with "sluice login"; check `trust.identity.clientId` and `audience`.',
  },
  'identity-expired': {
    cause: 'The identity token was not good at the moment when the answer was signed.',
    remedy: 'Log in again with "sluice login" and answer again.',
  },
  'identity-unbound': {
    cause:
      'The identity token does not name the key that signed: another token, or an issuer that does not put the `nonce` into tokens of a device code.',
    remedy: 'Log in again; if the issuer keeps no nonce, use a key of your own ("sluice login --key FILE").',
  },
  'identity-groups-hidden': {
    cause:
      'The person is in so many groups that the token points at an API instead of listing them (group overage of Entra ID).',
    remedy:
      'Use application roles (`groupsClaim: roles`), or let the application registration emit only the groups assigned to it.',
  },
  'identity-unreachable': {
    cause:
      'The issuer does not answer, or not as an OIDC issuer does (no keys, or something else in their place), or it was asked for its keys less than half a minute before a token came that another one has signed; nobody can find out who signed.',
    remedy: 'Check the address, the network and `trust.identity.ca`; it is tried again for a while.',
  },
  'login-missing': {
    cause: 'Your login has ended, or its private key is gone.',
    remedy: 'Log in again with "sluice login".',
  },
  'login-failed': {
    cause:
      'The identity provider signed nobody in, or no provider is configured; or the key that is named is none that can sign (an unencrypted Ed25519 or P-256 key in PEM that nobody else may read), or no name goes with it.',
    remedy: 'Read what it says, and try "sluice login" again.',
  },
  'plan-changed': {
    cause:
      'Between plan and deed something changed that the plan depends on: the configuration, or what runs in the environment. It stands in the log of the environment’s worker; nothing was let in.',
    remedy:
      'Nothing is lost: the promotion makes the plan that holds now, says what has changed, and asks people again.',
  },
} as const;
