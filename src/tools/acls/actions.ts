import { KafkaError } from '../../base/kafka-error.ts';
import { type AclBinding, type AclFilter, createAcls, deleteAcls, describeAcls } from '../../client/admin/acls.ts';
import type { KafkaClient } from '../../client/index.ts';
import { asExecution } from '../shared/admin-session.ts';
import { JavaException } from '../shared/java-errors.ts';
import { printJson } from '../shared/json-output.ts';
import { askYesNo, canAsk } from '../shared/terminal.ts';
import type { ToolIo } from '../shared/tool.ts';
import { bindingJson, entryText, OPERATIONS, PATTERN_TYPES, PERMISSION_TYPES, patternText } from './acl-text.ts';
import type { AclsLine } from './command.ts';
import {
  type Entry,
  patternTypeName,
  principalsOf,
  type ResourceFilter,
  requestedAcls,
  resourcesOf,
} from './requested-acls.ts';

interface Run {
  readonly admin: KafkaClient;
  readonly line: AclsLine;
  readonly io: ToolIo;
}

const ANY_ENTRY = {
  principal: null,
  host: null,
  operation: OPERATIONS['ANY'] ?? 0,
  permissionType: PERMISSION_TYPES['ANY'] ?? 0,
};
const ANY_RESOURCE = { resourceType: 1, resourceName: null, patternType: PATTERN_TYPES['ANY'] ?? 0 };

function sameBinding(a: AclBinding, b: AclBinding): boolean {
  return patternText(a) === patternText(b) && entryText(a) === entryText(b);
}

async function throwFirst(errors: readonly (KafkaError | undefined)[]): Promise<void> {
  for (const error of errors) if (error !== undefined) await asExecution(Promise.reject(error));
}

/** `--add`: creates what is not there yet. */
export async function addAcls({ admin, line, io }: Run): Promise<void> {
  const pattern = patternTypeName(line);
  if (pattern === 'ANY' || pattern === 'MATCH') {
    line.refuse(`A '--resource-pattern-type' value of '${pattern}' is not valid when adding acls.`);
  }
  const requested = requestedAcls(line);
  if (requested.some(({ entries }) => entries.length === 0)) {
    line.refuse('You must specify one of: --allow-principal, --deny-principal when trying to add ACLs.');
  }
  const added: AclBinding[] = [];
  for (const { resource, entries } of requested) {
    const existing = await asExecution(describeAcls(admin, { ...resource, ...ANY_ENTRY }));
    const missing: AclBinding[] = [];
    for (const entry of entries) {
      const binding = { ...resource, ...entry };
      if (!existing.some((one) => sameBinding(one, binding))) missing.push(binding);
      else if (line.output === 'text') {
        io.stdout.write(`Acl (pattern=${patternText(binding)}, entry=${entryText(binding)}) already exists.\n`);
      }
    }
    if (missing.length === 0) continue;
    if (line.output === 'text') {
      const texts = missing.map((binding) => `\t${entryText(binding)}`).join('\n');
      io.stdout.write(`Adding ACLs for resource \`${patternText(resource)}\`: \n ${texts}\n\n`);
    }
    await throwFirst(await asExecution(createAcls(admin, missing)));
    added.push(...missing);
  }
  if (line.output === 'json') printJson(io, { added: added.map(bindingJson) });
}

// Kafka's tool reads the answer from the console; without one it fails with Java's words, and so does this.
async function confirm({ line, io }: Run, question: string): Promise<boolean> {
  if (line.has('force')) return true;
  if (canAsk(io)) return askYesNo(io, question);
  io.stdout.write(`${question} (y/n)\n`);
  throw new JavaException(
    'java.lang.NullPointerException',
    'Cannot invoke "java.io.Console.readLine()" because the return value of "java.lang.System.console()" is null',
  );
}

function question(resource: ResourceFilter, entries: readonly Entry[]): string {
  const where = patternText(resource);
  if (entries.length === 0) return `Are you sure you want to delete all ACLs for resource filter \`${where}\`?`;
  const texts = entries.map((entry) => `\t${entryText({ ...resource, ...entry })}`).join('\n');
  return `Are you sure you want to remove ACLs: \n ${texts}\n from resource filter \`${where}\`?`;
}

/** `--remove`: asks back unless `--force` is given. */
export async function removeAcls(run: Run): Promise<void> {
  const { admin, line, io } = run;
  const removed: AclBinding[] = [];
  for (const { resource, entries } of requestedAcls(line)) {
    if (!(await confirm(run, question(resource, entries)))) continue;
    const filters: AclFilter[] =
      entries.length === 0 ? [{ ...resource, ...ANY_ENTRY }] : entries.map((entry) => ({ ...resource, ...entry }));
    for (const result of await asExecution(deleteAcls(admin, filters))) {
      if (result instanceof KafkaError) {
        await asExecution(Promise.reject(result));
        continue;
      }
      await throwFirst(result.map(({ error }) => error));
      removed.push(...result.map(({ binding }) => binding));
    }
  }
  if (line.output === 'json') printJson(io, { removed: removed.map(bindingJson) });
}

function printBlocks(bindings: readonly AclBinding[], io: ToolIo): void {
  const blocks = new Map<string, string[]>();
  for (const binding of bindings) {
    const entries = blocks.get(patternText(binding)) ?? [];
    entries.push(entryText(binding));
    blocks.set(patternText(binding), entries);
  }
  for (const [pattern, entries] of blocks) {
    io.stdout.write(`Current ACLs for resource \`${pattern}\`:\n${entries.map((one) => `\t${one}`).join('\n')}\n\n`);
  }
}

/** `--list` */
export async function listAcls({ admin, line, io }: Run): Promise<void> {
  const resources = resourcesOf(line);
  const principals = principalsOf(line, 'principal');
  const bindings: AclBinding[] = [];
  for (const resource of resources.length === 0 ? [ANY_RESOURCE] : resources) {
    for (const binding of await asExecution(describeAcls(admin, { ...resource, ...ANY_ENTRY }))) {
      if (!bindings.some((one) => sameBinding(one, binding))) bindings.push(binding);
    }
  }
  if (line.output === 'json') {
    const shown = bindings.filter(({ principal }) => principals.length === 0 || principals.includes(principal));
    printJson(io, shown.map(bindingJson));
    return;
  }
  if (principals.length === 0) printBlocks(bindings, io);
  for (const principal of principals) {
    io.stdout.write(`ACLs for principal \`${principal}\`\n`);
    printBlocks(
      bindings.filter((binding) => binding.principal === principal),
      io,
    );
  }
}
