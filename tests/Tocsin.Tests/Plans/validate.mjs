// Holds documents against a JSON Schema: node validate.mjs SCHEMA DOCUMENT…; says each fault, and ends with 1.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";

const [schema, ...documents] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")));
const validate = new Ajv.default({ allErrors: true, strictTypes: true, allowUnionTypes: true }).compile(schema);
const faults = documents.flatMap((document, index) =>
  validate(document) ? [] : validate.errors.map((error) => `${index} ${error.instancePath} ${error.message}`));
for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
