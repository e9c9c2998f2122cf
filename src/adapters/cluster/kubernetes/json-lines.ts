/** A stream of JSON values, one a line, as a watch sends them. */

const LONGEST_LINE = 8 * 1024 * 1024;

/** Throws for a line that is no JSON or longer than any object that etcd takes; an unfinished last line is dropped. */
export async function* jsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new RangeError(`a watch event exceeds ${LONGEST_LINE} characters`);
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line);
  }
}
