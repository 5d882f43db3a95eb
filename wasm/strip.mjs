// Clears the tables in a Go program's memory that only a traceback reads: names of functions and files, and lines. They
// are an eighth of a compressed module. A panic still ends the program, with "?" for each place.
// The format is that of runtime/symtab.go and internal/abi/symtab.go of Go 1.20 and later.

const magic = Buffer.from([0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8]);

/** Offsets in the table's header, each of a number of 8 bytes. */
const header = { functions: 8, names: 32, units: 40, files: 48, steps: 56, index: 64 };
/** Offsets in the entry of a function, each of a number of 4 bytes. */
const entry = { name: 4, stack: 16, file: 20, line: 24, count: 28, unit: 32, startLine: 36, more: 44 };

/** Where a sequence of steps ends: pairs of numbers in LEB128, of which the first is 0 after the last pair. */
function endOfSteps(bytes, at) {
  const skip = () => {
    while (bytes[at++] > 127);
  };
  for (let first = true; first || bytes[at] != 0; first = false) {
    skip();
    skip();
  }
  return at + 1;
}

/** Clears the tables in a memory. */
export function strip(memory) {
  const start = memory.indexOf(magic);
  if (start < 0 || memory.indexOf(magic, start + 1) >= 0) throw Error("the table of functions is not where this Go puts it");
  const table = memory.subarray(start);
  const [functions, names, units, files, steps, index] = Object.values(header).map((at) => Number(table.readBigUInt64LE(at)));
  if (!(names < units && units < files && files < steps && steps < index)) throw Error("the table of functions has another form");

  const kept = new Set(); // the steps that the collector and a growing stack read
  for (let i = 0; i < functions; i++) {
    const at = index + table.readUInt32LE(index + 8 * i + 4);
    const read = (offset) => table.readUInt32LE(at + offset);
    kept.add(read(entry.stack));
    for (let k = 0; k < read(entry.count); k++) kept.add(read(entry.more + 4 * k));
    for (const offset of [entry.name, entry.file, entry.line, entry.unit, entry.startLine]) table.writeUInt32LE(0, at + offset);
  }
  kept.delete(0); // which means none
  const old = Buffer.from(table.subarray(steps, index));
  table.fill(0, names, index);
  for (const from of kept) old.copy(table, steps + from, from, endOfSteps(old, from));
}
