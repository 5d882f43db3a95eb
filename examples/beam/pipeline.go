package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/textio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/ndjson"
)

// A Line is a line of a file. A collection has no order, so each line says its own: the patches of a
// contact apply by the names of their files, and in a file by the numbers of their lines.
type Line struct {
	File   string // "" where there is one file only
	Number int64
	Text   []byte
}

func (l Line) compare(m Line) int {
	return cmp.Or(cmp.Compare(l.File, m.File), cmp.Compare(l.Number, m.Number))
}

// Settings are the fields of contact.Options that a pipeline hands to its workers.
type Settings struct {
	RequireComplete, IgnoreUnknown, AllowStale          bool
	MaxBytes, MaxDepth, MaxErrors, MaxMeta, MaxDocument int
	VersionResolution                                   time.Duration
}

func (s Settings) options() contact.Options {
	return contact.Options{
		RequireComplete: s.RequireComplete, IgnoreUnknown: s.IgnoreUnknown, AllowStale: s.AllowStale,
		MaxBytes: s.MaxBytes, MaxDepth: s.MaxDepth, MaxErrors: s.MaxErrors, MaxMeta: s.MaxMeta, MaxDocument: s.MaxDocument,
		VersionResolution: s.VersionResolution,
	}
}

// maxPatch is how long a patch may be.
func (s Settings) maxPatch() int {
	switch {
	case s.MaxBytes == 0:
		return 1 << 20
	case s.MaxBytes < 0:
		return ndjson.MaxLine
	}
	return min(s.MaxBytes, ndjson.MaxLine)
}

const namespace = "contact"

var (
	changed   = beam.NewCounter(namespace, "changed")
	unchanged = beam.NewCounter(namespace, "unchanged")
	refused   = beam.NewCounter(namespace, "refused")
)

func init() {
	register.DoFn3x1[context.Context, fileio.ReadableFile, func(Line), error](&readLines{})
	register.DoFn5x0[context.Context, Line, func(string, Line), func(string), func(string)](&key{})
	register.DoFn6x1[context.Context, string, func(*Line) bool, func(*Line) bool, func(string), func(string), error](&merge{})
	register.DoFn2x0[string, func(int, string)](&shardOf{})
	register.DoFn4x1[context.Context, int, func(*bool) bool, func(*string) bool, error](&writeShard{})
	register.Emitter1[Line]()
	register.Emitter1[string]()
	register.Emitter2[string, Line]()
	register.Emitter2[int, string]()
	register.Iter1[Line]()
	register.Iter1[string]()
	register.Iter1[bool]()
	register.Function1x2(markShard)
}

// build makes the pipeline: contacts and patches come together by id, and a contact with its patches
// is the work of one call.
func build(s beam.Scope, contacts, patches, merged, rejects string, shards int, now time.Time, settings Settings) {
	byID, copied, unkeyed := beam.ParDo3(s, &key{Of: "contact", Limit: ndjson.MaxLine, Settings: settings}, read(s, contacts, ndjson.MaxLine, true))
	bodies, _, unread := beam.ParDo3(s, &key{Of: "line", Limit: settings.maxPatch(), Settings: settings}, read(s, patches, settings.maxPatch(), false))
	out, refusals := beam.ParDo2(s, &merge{Now: now.UTC().Format(time.RFC3339Nano), Settings: settings},
		beam.CoGroupByKey(s, byID, bodies))
	write(s, merged, shards, beam.Flatten(s, out, copied))
	textio.Write(s, rejects, beam.Flatten(s, refusals, unkeyed, unread))
}

// read returns the lines of the files that a pattern matches. A file is the work of one worker, which
// counts its lines.
func read(s beam.Scope, glob string, limit int, whole bool) beam.PCollection {
	files := fileio.ReadMatches(s, fileio.MatchFiles(s, glob))
	return beam.ParDo(s, &readLines{strings.ContainsAny(glob, "*?["), limit, whole}, beam.Reshuffle(s, files))
}

// readLines yields the lines of a file that are not blank.
type readLines struct {
	Named bool // lines say the name of their file
	Limit int  // of a line, in bytes
	Whole bool // a longer line ends the pipeline, since only its start is read
}

func (r *readLines) ProcessElement(ctx context.Context, file fileio.ReadableFile, emit func(Line)) error {
	source, err := file.Open(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	name := ""
	if r.Named {
		name = file.Metadata.Path
	}
	lines := ndjson.NewReader(source, r.Limit)
	for {
		text, err := lines.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file.Metadata.Path, err)
		}
		if len(text) > r.Limit && r.Whole {
			return fmt.Errorf("%s: line %d has over %d bytes", file.Metadata.Path, lines.Number, r.Limit)
		}
		if len(text) > r.Limit || !ndjson.Blank(text) {
			emit(Line{name, int64(lines.Number), slices.Clone(text)})
		}
	}
}

// record is a line of the rejects. Of says which number it is.
func record(of string, line Line, errs contact.Errors) string {
	text := ndjson.AppendRecord(nil, of, int(line.Number), line.Text, errs, true)
	text = text[:len(text)-1] // the sink ends lines itself
	if line.File == "" {
		return string(text)
	}
	name, _ := json.Marshal(line.File) // it cannot fail: it is a string
	return fmt.Sprintf(`{"file":%s,%s`, name, text[1:])
}

// key gives contacts and patches their ids. A contact without one is copied as it stands.
type key struct {
	Of       string // the number's name in a reject
	Limit    int    // of a line, in bytes
	Settings Settings
}

func (k *key) ProcessElement(ctx context.Context, line Line, keyed func(string, Line), copied, rejected func(string)) {
	if id, ok := ndjson.ID(line.Text); ok && len(line.Text) <= k.Limit {
		keyed(id.String(), line)
		return
	}
	options := k.Settings.options()
	check := options.CheckPatch
	if k.Of == "contact" {
		unchanged.Inc(ctx, 1)
		copied(string(line.Text))
		check = func(text []byte) error {
			_, err := options.ParseStored(text)
			return err
		}
	}
	refused.Inc(ctx, 1)
	rejected(record(k.Of, line, ndjson.Unreadable(line.Text, k.Limit, check)))
}

// merge applies the patches of a contact.
type merge struct {
	Now      string // the time of the update
	Settings Settings

	now     time.Time
	options contact.Options
}

func (m *merge) Setup() (err error) {
	m.options = m.Settings.options()
	m.now, err = contact.ParseTimestamp(m.Now)
	return err
}

func (m *merge) ProcessElement(
	ctx context.Context, id string, contacts, patches func(*Line) bool, merged, rejected func(string),
) error {
	type state struct {
		doc     []byte
		differs bool
	}
	var states []state // of the contacts that have the id, one as a rule
	for document := (Line{}); contacts(&document); {
		states = append(states, state{doc: document.Text})
	}
	refuse := func(p Line, errs contact.Errors) {
		refused.Inc(ctx, 1)
		rejected(record("line", p, errs))
	}
	err := inOrder(patches, func(p Line) {
		if len(states) == 0 {
			refuse(p, append(contact.Errors{ndjson.NotFound()}, ndjson.Faults(m.options.CheckPatch(p.Text))...))
		}
		for i := range states {
			next, fields, err := m.options.AppendMerge(nil, states[i].doc, p.Text, m.now)
			if err != nil {
				refuse(p, ndjson.Refusal(err))
				continue
			}
			states[i].doc, states[i].differs = next, states[i].differs || fields != 0
		}
	})
	for _, s := range states {
		if s.differs {
			changed.Inc(ctx, 1)
		} else {
			unchanged.Inc(ctx, 1)
		}
		merged(string(s.doc))
	}
	return err
}

// room is about how many bytes of patches of one contact are held at a time.
const room = 16 << 20

// inOrder calls f with the lines in their order. More than there is room for are sorted in runs, which
// wait in temporary files without a name.
func inOrder(next func(*Line) bool, f func(Line)) error {
	var runs runs
	defer runs.close()
	var held []Line
	size := 0
	for line := (Line{}); next(&line); line = (Line{}) {
		held = append(held, line)
		if size += len(line.Text); size > room {
			if err := runs.add(held); err != nil {
				return err
			}
			held, size = nil, 0
		}
	}
	slices.SortFunc(held, Line.compare)
	for {
		switch at := runs.first(); {
		case at < 0 && len(held) == 0:
			return nil
		case at < 0 || len(held) > 0 && held[0].compare(runs[at].ahead) < 0:
			f(held[0])
			held = held[1:]
		default:
			f(runs[at].ahead)
			if err := runs[at].advance(); err != nil {
				return err
			}
		}
	}
}

// A sortedRun is a file of lines in their order.
type sortedRun struct {
	file  *os.File
	lines *gob.Decoder
	ahead Line // the next one
	ended bool
}

func (r *sortedRun) advance() error {
	r.ahead = Line{}
	err := r.lines.Decode(&r.ahead)
	if err == io.EOF {
		r.ended, err = true, nil
	}
	return err
}

type runs []*sortedRun

// add sorts lines and puts them into a run.
func (rs *runs) add(lines []Line) error {
	slices.SortFunc(lines, Line.compare)
	file, err := os.CreateTemp("", "patches-")
	if err != nil {
		return err
	}
	os.Remove(file.Name()) // the system frees it however the worker ends
	r := &sortedRun{file: file}
	*rs = append(*rs, r)
	out := bufio.NewWriterSize(file, 1<<20)
	encoder := gob.NewEncoder(out)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r.lines = gob.NewDecoder(bufio.NewReader(file))
	return r.advance()
}

// first returns the place of the run whose next line is the first of all, or -1 after the last.
func (rs runs) first() int {
	at := -1
	for i, r := range rs {
		if !r.ended && (at < 0 || r.ahead.compare(rs[at].ahead) < 0) {
			at = i
		}
	}
	return at
}

func (rs runs) close() {
	for _, r := range rs {
		r.file.Close()
	}
}

// write writes lines to files, each the work of one worker. Every line goes to one of them by its hash.
func write(s beam.Scope, prefix string, shards int, lines beam.PCollection) {
	all := make([]int, shards)
	for i := range all {
		all[i] = i
	}
	marks := beam.ParDo(s, markShard, beam.CreateList(s, all)) // so that an empty file is written, too
	beam.ParDo0(s, &writeShard{prefix, shards}, beam.CoGroupByKey(s, marks, beam.ParDo(s, &shardOf{shards}, lines)))
}

func markShard(shard int) (int, bool) { return shard, true }

// shardOf gives a line the number of its file.
type shardOf struct{ Shards int }

func (o *shardOf) ProcessElement(line string, emit func(int, string)) {
	h := fnv.New32a()
	io.WriteString(h, line)
	emit(int(h.Sum32()%uint32(o.Shards)), line)
}

// writeShard writes a file.
type writeShard struct {
	Prefix string
	Shards int
}

func (w *writeShard) ProcessElement(ctx context.Context, shard int, _ func(*bool) bool, lines func(*string) bool) error {
	fs, err := filesystem.New(ctx, w.Prefix)
	if err != nil {
		return err
	}
	defer fs.Close()
	file, err := fs.OpenWrite(ctx, fmt.Sprintf("%s-%05d-of-%05d", w.Prefix, shard, w.Shards))
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	for line := ""; lines(&line); {
		out.WriteString(line) // an error comes again from Flush
		out.WriteByte('\n')
	}
	if err := out.Flush(); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
