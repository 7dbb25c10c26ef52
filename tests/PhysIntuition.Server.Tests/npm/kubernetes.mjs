// Reads manifests by the schemas of Kubernetes' API: wrong types, missing fields, and fields that do not exist.
// usage: node kubernetes.mjs FILE...; prints a line for each fault, exits with 1 if there is one.
import { readFileSync } from "node:fs";
import { loadAll } from "js-yaml";
import * as core from "kubernetes-models/v1";
import * as apps from "kubernetes-models/apps/v1";
import * as autoscaling from "kubernetes-models/autoscaling/v2";
import * as networking from "kubernetes-models/networking.k8s.io/v1";
import * as policy from "kubernetes-models/policy/v1";
import * as rbac from "kubernetes-models/rbac.authorization.k8s.io/v1";

const groups = {
  v1: core,
  "apps/v1": apps,
  "autoscaling/v2": autoscaling,
  "networking.k8s.io/v1": networking,
  "policy/v1": policy,
  "rbac.authorization.k8s.io/v1": rbac,
};
const wrong = Symbol("a value of no type");

function faultOf(manifest) {
  try {
    const Model = groups[manifest?.apiVersion]?.[manifest?.kind];
    if (!Model) return `unknown kind ${manifest?.apiVersion} ${manifest?.kind}`;
    new Model(manifest).validate();
    return null;
  } catch (fault) {
    return fault.message;
  }
}

function* places(node, path = []) {
  for (const key of Object.keys(node ?? {})) {
    if (path.length > 0 || !["apiVersion", "kind"].includes(key)) yield [...path, key];
    if (typeof node[key] === "object") yield* places(node[key], [...path, key]);
  }
}

// The schemas pass unknown fields over. A field is known where a value of no type is refused.
function unknown(text, index) {
  return [...places(loadAll(text)[index])].filter((path) => {
    const manifest = loadAll(text)[index];
    const parent = path.slice(0, -1).reduce((node, key) => node[key], manifest);
    parent[path.at(-1)] = wrong;
    return faultOf(manifest) === null;
  });
}

let faults = 0;
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf8");
  loadAll(text).forEach((manifest, index) => {
    const name = `${file}: ${manifest?.kind} ${manifest?.metadata?.name}`;
    const fault = faultOf(manifest);
    const lines = fault ? [fault] : unknown(text, index).map((path) => `no field ${path.join(".")}`);
    lines.forEach((line) => console.log(`${name}: ${line}`));
    faults += lines.length;
  });
}

process.exitCode = faults === 0 ? 0 : 1;
