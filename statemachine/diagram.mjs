// Draws ml-workflow.asl.json as ml-workflow.svg beside it: node statemachine/diagram.mjs (after npm ci).
// With --check it writes nothing, and fails when the drawing is not that of the definition.
import { readFileSync, writeFileSync } from 'node:fs';
import { instance } from '@viz-js/viz';

const file = name => new URL(name, import.meta.url);
const definition = JSON.parse(readFileSync(file('ml-workflow.asl.json'), 'utf8'));

const FAILED = '#b42318';
const COLOURS = { Task: '#dbeafe', Choice: '#fef3c7', Wait: '#f1f5f9', Pass: '#f1f5f9', Succeed: '#d1fae5', Fail: '#fee2e2' };
const WAIT = 'Wait';
const quoted = text => JSON.stringify(text);

/** Every way out of a state: where to, and the error that it brings along. */
function exits(state) {
    const found = [];
    const add = (to, assign, how) => to && found.push({ to, how, error: assign?.failure?.error });
    (state.Choices ?? []).forEach(choice => add(choice.Next, choice.Assign));
    add(state.Default, state.Assign);
    add(state.Next);
    (state.Catch ?? []).forEach(caught => add(caught.Next, caught.Assign, 'caught'));
    return found;
}

/** Whether an error is named here, and not carried on from before. */
const names = error => error && !error.startsWith('{%');

function node(name, state) {
    const call = state.Resource ? state.Resource.replace(/.*:::(aws-sdk:)?/, '') : '';
    const label = name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ') + (call ? `\n${call}` : '');
    const shape = state.Type === 'Choice' ? 'diamond' : state.Type === WAIT ? 'note' : 'box';
    const round = shape === 'box' ? 'filled,rounded' : 'filled';
    return `${quoted(name)} [label=${quoted(label)}, shape=${shape}, style=${quoted(round)}, fillcolor=${quoted(COLOURS[state.Type])}]`;
}

/** Errors end in a word of their own; all of them go on to the state that reads the champion after a failure. */
function edges(name, state) {
    const lines = new Map();
    const errors = new Set();
    for (const { to, how, error } of exits(state)) {
        if (names(error)) {
            errors.add(error);
        }
        if (!names(error) || to !== 'ReadChampionAfterFailure') {
            const style = how ? 'dashed' : 'solid';
            lines.set(to, lines.get(to) === 'solid' ? 'solid' : style);
        }
    }
    const drawn = [...lines].map(([to, style]) => `${quoted(name)} -> ${quoted(to)} [style=${style}]`);
    if (errors.size) {
        const id = quoted(`${name} errors`);
        drawn.push(`${id} [label=${quoted([...errors].join('\n'))}, shape=plaintext, fontcolor=${quoted(FAILED)}]`);
        drawn.push(`${quoted(name)} -> ${id} [color=${quoted(FAILED)}, style=dashed]`);
    }
    return drawn;
}

const states = Object.entries(definition.States);
const failure = quoted('any error');
const graph = `digraph {
    graph [nodesep=0.3, ranksep=0.35, fontname=Helvetica]
    node [fontname=Helvetica, fontsize=11, color="#475569", margin="0.22,0.06"]
    edge [color="#475569", arrowsize=0.7]
    start [label="", shape=circle, width=0.2, style=filled, fillcolor="#475569"]
    start -> ${quoted(definition.StartAt)}
    ${failure} [label="an error in red", shape=plaintext, fontcolor=${quoted(FAILED)}]
    ${failure} -> ReadChampionAfterFailure [color=${quoted(FAILED)}, style=dashed]
    ${states.map(([name, state]) => node(name, state)).join('\n    ')}
    ${states.flatMap(([name, state]) => edges(name, state)).join('\n    ')}
}`;

const svg = (await instance()).renderString(graph, { format: 'svg' });
const drawing = file('ml-workflow.svg');
if (process.argv.includes('--check')) {
    if (readFileSync(drawing, 'utf8') !== svg) {
        console.error('statemachine/ml-workflow.svg is not that of ml-workflow.asl.json: run node statemachine/diagram.mjs');
        process.exit(1);
    }
} else {
    writeFileSync(drawing, svg);
}
