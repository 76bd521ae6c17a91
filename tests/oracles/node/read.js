// Verify tlog-proof files with @sigstore/verify: node read.js NODE_MODULES CASE.json
// Prints what was verified as JSON and ends with 0; prints {"refused": "…"} and ends with 3 where it says no.
"use strict";

const { readFileSync } = require("node:fs");
const { join, resolve } = require("node:path");

const modules = resolve(process.argv[2]);
// The functions that its Verifier calls for an entry of a log; a Verifier itself wants a bundle about an artifact.
const { verifyTLogInclusion } = require(join(modules, "@sigstore/verify/dist/tlog"));
const { VerificationError } = require(join(modules, "@sigstore/verify"));
const { crypto } = require(join(modules, "@sigstore/core"));

const ED25519_SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

// A verifier key is NAME+ID+BASE64(algorithm byte, 32 bytes of an Ed25519 key).
function authority(key) {
  const [name, id, ...rest] = key.split("+");
  const algorithmAndKey = Buffer.from(rest.join("+"), "base64");
  if (algorithmAndKey[0] !== 1 || algorithmAndKey.length !== 33) {
    throw new Error("not an Ed25519 key");
  }
  return {
    baseURL: name,
    logID: Buffer.from(id, "hex"),
    publicKey: crypto.createPublicKey(Buffer.concat([ED25519_SPKI_HEAD, algorithmAndKey.subarray(1)])),
  };
}

// A tlog-proof file, as the entry of a log that the library reads.
function entry(leaf, proof) {
  const split = proof.indexOf("\n\n");
  const [title, index, ...hashes] = proof.slice(0, split).split("\n");
  if (title !== "c2sp.org/tlog-proof@v1" || !index.startsWith("index ")) {
    throw new Error("not a proof");
  }
  return {
    canonicalizedBody: Buffer.from(leaf, "base64"),
    inclusionProof: {
      logIndex: index.slice("index ".length),
      hashes: hashes.map((hash) => Buffer.from(hash, "base64")),
      checkpoint: { envelope: proof.slice(split + 2) },
    },
  };
}

const given = JSON.parse(readFileSync(process.argv[3], "utf8"));
const log = authority(given.key);
const published = readFileSync(join(given.folder, "checkpoint"), "utf8");
try {
  const included = given.proofs.map(({ leaf, proof }) => {
    const found = entry(leaf, proof);
    if (found.inclusionProof.checkpoint.envelope !== published) {
      throw new Error("a proof of another checkpoint than the published one");
    }
    verifyTLogInclusion(found, [log]);
    return Number(found.inclusionProof.logIndex);
  });
  const [, size, root] = published.split("\n");
  console.log(JSON.stringify({ size: Number(size), root, included }));
} catch (error) {
  if (!(error instanceof VerificationError)) {
    throw error;
  }
  console.log(JSON.stringify({ refused: error.message }));
  process.exitCode = 3;
}
