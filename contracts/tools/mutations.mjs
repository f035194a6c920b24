// Finds every gate and every check in Solidity sources, and rewrites them so that each can be switched off at run time.
//
// All mutants are compiled once: a check `if (c)` becomes `if (!mutantIs(7) && (c))`, and number 7 is off where the
// block's coinbase, which forge takes from its configuration, is that of number 7. Reading it costs 2 gas and no call.

/** The first coinbase; none of our contracts reads it, and it is no precompile's address. */
const FIRST = 0x70c51n << 64n;

/** The coinbase that switches a mutant on. */
export function coinbaseOf(number) {
  return `0x${(FIRST + BigInt(number)).toString(16).padStart(40, '0')}`;
}

/** `mutantIs` says that it is pure, since some of the checks are in pure functions: hence the cast. */
export const switchSource = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

function mutantIs(uint256 number) pure returns (bool) {
    function(uint256) view returns (bool) reads = coinbaseIs;
    function(uint256) pure returns (bool) asPure;
    assembly { asPure := reads }
    return asPure(number);
}

function coinbaseIs(uint256 number) view returns (bool) {
    return uint160(address(block.coinbase)) == ${FIRST} + number;
}
`;

/** What stands in for {Gate}'s functions in a mutant whose gate is removed: it moves the tokens and asks nobody. */
const ungated = `
    function _takeOrNot(
        uint256 mutant, bytes32 module, address asset, Direction direction, address from, uint256 amount
    ) internal returns (uint256) {
        if (!mutantIs(mutant)) return _take(module, asset, direction, from, amount);
        uint256 before = IERC20(asset).balanceOf(address(this));
        IERC20(asset).safeTransferFrom(from, address(this), amount);
        return IERC20(asset).balanceOf(address(this)) - before;
    }

    function _payOrNot(
        uint256 mutant, bytes32 module, address asset, Direction direction, address account, address to, uint256 amount
    ) internal returns (bool) {
        if (!mutantIs(mutant)) return _pay(module, asset, direction, account, to, amount);
        IERC20(asset).safeTransfer(to, amount);
        return true;
    }
`;

/** A call that is a statement of its own and does nothing but refuse, count or cancel. */
const GUARD = /\b(_require\w*|_dropLoosening|_takeLoosening|migrations\.consume|limits\.credit)\(/g;

/**
 * The mutants of one source, in order: `at` is a position, `code` what is changed, `change` how, and `edits` what is
 * inserted, by position, for a given number.
 */
export function mutantsOf(text, { gates, checks, modifiers }) {
  const code = codeOf(text);
  const found = [];
  const add = (start, end, change, before, after = () => '') => {
    const edits = number => [{ at: start, end, text: before(number) }, { at: end, start, text: after(number) }];
    found.push({ at: start, end, code: oneLine(text.slice(start, end)), change, edits });
  };
  const never = [n => `(!mutantIs(${n}) && (`, () => '))'];
  const always = [n => `(mutantIs(${n}) || (`, () => '))'];
  if (gates) found.push(...gatedCalls(code, text, add, always));
  if (checks) {
    for (const { start, end } of conditions(code)) {
      // Where each part of an || is noticed, so is the whole.
      if (split(code, { start, end }, '||').length === 1) add(start, end, 'if it never holds', ...never);
    }
    for (const { start, end } of ternaries(code)) add(start, end, '? it never holds', ...never);
    for (const { start, end } of guards(code)) add(start, end, 'left out', n => `if (!mutantIs(${n})) `);
    for (const { start, end, isAnd } of parts(code)) {
      if (isAnd) add(start, end, '&& it always holds', ...always);
      else add(start, end, '|| it never holds', ...never);
    }
    for (const mutant of uses(code, text, modifiers)) found.push(mutant);
  }
  return found.sort((a, b) => a.at - b.at || b.end - a.end);
}

/** The source with all its mutants in it, each under its number. */
export function rewritten(text, mutants, modifiers) {
  const edits = mutants.flatMap(mutant =>
    mutant.edits(mutant.number).map((edit, i) => ({ ...edit, number: mutant.number, isEnd: i > 0 })));
  edits.push(...definitions(codeOf(text), text, modifiers));
  // At one place, what ends there comes before what begins there; the outer begins first and ends last.
  edits.sort((a, b) => a.at - b.at || Number(b.isEnd) - Number(a.isEnd)
    || (a.isEnd ? b.start - a.start || b.number - a.number : b.end - a.end || a.number - b.number));
  let result = '', from = 0;
  for (const edit of edits) {
    result += text.slice(from, edit.at) + edit.text;
    from = edit.at;
  }
  result += text.slice(from);
  if (/^abstract contract Gate /m.test(result)) result = result.replace(/\}\s*$/, `${ungated}}\n`);
  return result.replace(/^pragma .*;$/m, '$&\nimport {mutantIs} from "contracts/src/MutantSwitch.sol";');
}

/** The names of the modifiers that a source defines. */
export function modifiersOf(text) {
  return [...codeOf(text).matchAll(/\bmodifier (\w+)/g)].map(([, name]) => name);
}

/** The text with blanks for comments, strings and assembly, so that positions stay. */
function codeOf(text) {
  const blank = part => part.replace(/[^\n]/g, ' ');
  let code = text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, blank);
  for (const { index } of [...code.matchAll(/\bassembly\b/g)]) {
    const end = closing(code, code.indexOf('{', index)) + 1;
    code = code.slice(0, index) + blank(code.slice(index, end)) + code.slice(end);
  }
  return code;
}

/** In {Gate} what asks becomes true; elsewhere `_take(` and `_pay(` become `_takeOrNot(7, ` and `_payOrNot(7, `. */
function* gatedCalls(code, text, add, always) {
  const isGate = /^abstract contract Gate /m.test(text);
  for (const { 0: call, 1: name, index } of code.matchAll(/(?<!function )\b(_gate|_take|_pay|limits\.consume)\(/g)) {
    const open = index + call.length - 1, end = closing(code, open) + 1;
    if (name === '_gate' || name === 'limits.consume') add(index, end, 'gate removed', ...always);
    else if (!isGate) {
      const edits = n => [{ at: open, end: open, text: 'OrNot' }, { at: open + 1, start: open + 1, text: `${n}, ` }];
      yield { at: index, end, code: oneLine(text.slice(index, end)), change: 'gate removed', edits };
    }
  }
}

function conditions(code) {
  return [...code.matchAll(/\bif \(/g)].map(({ index }) => inside(code, index + 3));
}

function ternaries(code) {
  return [...code.matchAll(/\?/g)].map(({ index }) => trimmed(code, leftEdge(code, index), index));
}

function guards(code) {
  return [...code.matchAll(GUARD)]
    .filter(({ index }) => /[;{})]\s*$/.test(code.slice(0, index)))
    .map(({ 0: call, index }) => ({ start: index, end: closing(code, index + call.length - 1) + 1 }));
}

/** The operands of every && and ||. */
function* parts(code) {
  const seen = new Set();
  for (const { index } of code.matchAll(/&&|\|\|/g)) {
    const whole = trimmed(code, leftEdge(code, index), rightEdge(code, index));
    if (seen.has(whole.start)) continue;
    seen.add(whole.start);
    const clauses = split(code, whole, '||');
    for (const clause of clauses) {
      if (clauses.length > 1) yield { ...clause, isAnd: false };
      const factors = split(code, clause, '&&');
      if (factors.length > 1) for (const factor of factors) yield { ...factor, isAnd: true };
    }
  }
}

/** The modifiers that functions carry; `onlyBy(x)` becomes `onlyByOrNot(x, 7)`. */
function* uses(code, text, modifiers) {
  for (const { 0: header, index } of code.matchAll(/\b(?:function|constructor)\b[^{;]*\{/g)) {
    const carried = new RegExp(`\\b(${modifiers.join('|')})\\b(\\()?`, 'g');
    for (const { 0: found, 1: name, 2: hasArguments, index: offset } of header.matchAll(carried)) {
      const start = index + offset, afterName = start + name.length;
      const end = hasArguments ? closing(code, start + found.length - 1) : afterName;
      const edits = number => hasArguments
        ? [{ at: afterName, end: afterName, text: 'OrNot' }, { at: end, start: end, text: `, ${number}` }]
        : [{ at: afterName, end: afterName, text: `OrNot(${number})` }];
      const whose = oneLine(header).match(/^function \w+|^constructor/)[0];
      const shown = `${text.slice(start, end)}${hasArguments ? ')' : ''} of ${whose}`;
      yield { at: start, end, code: shown, change: 'left out', edits };
    }
  }
}

/** Beside each modifier, one that can be switched off. */
function* definitions(code, text, modifiers) {
  for (const { 0: head, 1: name, 2: parameters, index } of code.matchAll(/\bmodifier (\w+)(\([^)]*\))? \{/g)) {
    if (!modifiers.includes(name)) continue;
    const open = index + head.length - 1, close = closing(code, open);
    const place = open + code.slice(open, close).search(/\b_;/);
    const insert = (at, text) => ({ at, end: at, start: at, number: -1, isEnd: true, text });
    const afterName = index + 'modifier '.length + name.length;
    yield insert(index, `${text.slice(index, close + 1)}\n\n    `);
    yield insert(afterName, 'OrNot');
    if (!parameters) yield insert(afterName, '(uint256 mutant)');
    else yield insert(afterName + parameters.length - 1, `${parameters.length > 2 ? ', ' : ''}uint256 mutant`);
    yield insert(open + 1, ' if (!mutantIs(mutant)) {');
    yield insert(place, '} ');
    yield insert(place + 2, ' if (!mutantIs(mutant)) {');
    yield insert(close, '}');
  }
}

/** The position of the bracket that closes the one at `open`. */
function closing(code, open) {
  for (let at = open, depth = 0; at < code.length; at++) {
    if ('([{'.includes(code[at])) depth++;
    else if (')]}'.includes(code[at]) && --depth === 0) return at;
  }
  throw new Error(`Nothing closes the bracket at ${open}.`);
}

function inside(code, open) {
  return { start: open + 1, end: closing(code, open) };
}

/** Where the expression begins that `at` is in. */
function leftEdge(code, at) {
  for (let i = at - 1, depth = 0; i >= 0; i--) {
    if (')]'.includes(code[i])) depth++;
    else if ('(['.includes(code[i]) && depth-- === 0) return i + 1;
    else if (depth === 0 && (',;{}?:'.includes(code[i]) || isAssignment(code, i))) return i + 1;
  }
  return 0;
}

function rightEdge(code, at) {
  for (let i = at, depth = 0; i < code.length; i++) {
    if ('(['.includes(code[i])) depth++;
    else if (')]'.includes(code[i]) && depth-- === 0) return i;
    else if (depth === 0 && ',;?:'.includes(code[i])) return i;
  }
  return code.length;
}

function isAssignment(code, i) {
  return code[i] === '=' && code[i + 1] !== '=' && !'=!<>'.includes(code[i - 1]);
}

/** Without blanks around it, and without `return` before it. */
function trimmed(code, start, end) {
  const part = code.slice(start, end);
  return { start: start + part.match(/^\s*(return\b\s*)?/)[0].length, end: start + part.trimEnd().length };
}

/** The operands of an operator that stand in no bracket. */
function split(code, { start, end }, operator) {
  const operands = [];
  let from = start;
  for (let at = start, depth = 0; at < end; at++) {
    if ('(['.includes(code[at])) depth++;
    else if (')]'.includes(code[at])) depth--;
    else if (depth === 0 && code.startsWith(operator, at)) {
      operands.push(trimmed(code, from, at));
      from = at += 2;
    }
  }
  return [...operands, trimmed(code, from, end)];
}

function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim();
}
