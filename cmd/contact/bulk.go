package main

import (
	"bytes"
	"cmp"
	"errors"
	"runtime/debug"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/ndjson"
)

// An operation makes the output of a contact and its patches. It keeps what it needs
// from one to the next in the batch.
type operation interface {
	begin(b *batch, doc []byte)
	step(b *batch, r record) error
	end(b *batch) error
}

// A batch is some contacts, with their patches, on their way from the reader to a worker to the
// writer.
type batch struct {
	join    *join
	op      operation
	docs    []span // in texts
	patches []held
	texts   []byte
	whole   bool // all of it has been worked on

	out                []byte
	changed, unchanged int
	err                error

	// Of the contact at work.
	number  int
	steps   int // patches that came
	doc     []byte
	buffers [2][]byte // of which one may hold doc, and the other takes the next
	differ  bool
	same    bool // the new contact is the old one, byte for byte
	parsed  *contact.Contact
}

type span struct{ number, start, end int }

// A held is a patch for the contact at place doc of the batch.
type held struct {
	span
	doc int
}

// Sizes of a batch, in bytes. A contact with more patches than the largest batch takes is worked on
// as they are read, so that no number of patches fills the memory.
const (
	batchSize    = 64 << 10
	largestBatch = 1 << 20
)

func (b *batch) reset() {
	b.docs, b.patches, b.texts, b.out = b.docs[:0], b.patches[:0], b.texts[:0], b.out[:0]
	b.changed, b.unchanged, b.whole, b.err = 0, 0, false, nil
}

func (b *batch) keep(number int, text []byte) span {
	start := len(b.texts)
	b.texts = append(b.texts, text...)
	return span{number, start, len(b.texts)}
}

// fill reads contacts and their patches.
func (b *batch) fill(from docs, patches feed) error {
	b.reset()
	for len(b.texts) < batchSize {
		doc, number, err := from.next()
		if err != nil {
			return err
		}
		b.docs = append(b.docs, b.keep(number, doc))
		if err := patches.start(doc, number); err != nil {
			return err
		}
		for {
			r, ok, err := patches.next()
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			if len(b.texts)+len(r.text) > largestBatch {
				return b.follow(r, patches)
			}
			b.patches = append(b.patches, held{b.keep(int(r.n), r.text), len(b.docs) - 1})
		}
	}
	return nil
}

// follow works on the batch, whose last contact has too many patches to hold.
func (b *batch) follow(r record, patches feed) error {
	ok, err := true, b.run()
	for ok && err == nil {
		if err = b.step(r); err == nil {
			r, ok, err = patches.next()
		}
	}
	b.whole = true
	return errors.Join(err, b.op.end(b))
}

// run works on the batch, but does not end the last contact.
func (b *batch) run() error {
	rest := b.patches
	for i, doc := range b.docs {
		if i > 0 {
			if err := b.op.end(b); err != nil {
				return err
			}
		}
		b.number, b.steps, b.differ, b.same, b.parsed = doc.number, 0, false, false, nil
		b.op.begin(b, b.texts[doc.start:doc.end])
		for len(rest) > 0 && rest[0].doc == i {
			p := rest[0]
			rest = rest[1:]
			if err := b.step(record{n: uint64(p.number), text: b.texts[p.start:p.end]}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *batch) step(r record) error {
	b.steps++
	return b.op.step(b, r)
}

func (b *batch) work() {
	if b.whole || len(b.docs) == 0 {
		return
	}
	if b.err = b.run(); b.err == nil {
		b.err = b.op.end(b)
	}
}

// refuse keeps a patch for the rejects, with its faults or those of its contact.
func (b *batch) refuse(r record, err error) error {
	return b.join.refuse(ofPatches, int(r.n), b.number, r.text, ndjson.Refusal(err))
}

// A merging applies patches.
type merging struct {
	contact.Options
	now time.Time
}

func (m *merging) begin(b *batch, doc []byte) { b.doc = doc }

func (m *merging) step(b *batch, r record) error {
	merged, changed, err := m.AppendMerge(b.buffers[0][:0], b.doc, r.text, m.now)
	if err != nil {
		return b.refuse(r, err)
	}
	b.doc = merged
	b.buffers = [2][]byte{b.buffers[1], merged}
	b.differ = b.differ || changed != 0
	return nil
}

func (m *merging) end(b *batch) error {
	b.count()
	b.out = append(append(b.out, b.doc...), '\n')
	return nil
}

func (b *batch) count() {
	if b.differ {
		b.changed++
	} else {
		b.unchanged++
	}
}

// A differing makes the patches that merging would need. Where more than one new contact has the
// id of an old one, each is compared with the one before.
type differing struct{ contact.Options }

func (d *differing) begin(b *batch, doc []byte) { b.doc = doc }

func (d *differing) step(b *batch, r record) (err error) {
	if b.parsed == nil && bytes.Equal(b.doc, r.text) && b.join.check[ofContacts](r.text) == nil {
		b.same = true
		return nil
	}
	old := b.parsed
	if old == nil {
		if old, err = d.ParseStored(b.doc); err != nil {
			return b.refuse(r, err)
		}
	}
	parsed, err := d.ParseStored(r.text)
	if err != nil {
		return b.refuse(r, ndjson.Faults(err))
	}
	patch, err := contact.Diff(old, parsed)
	if err != nil {
		b.parsed = old
		return b.refuse(r, err)
	}
	b.parsed = parsed
	if patch.Fields() == 0 {
		return nil
	}
	b.differ = true
	b.out = append(append(append(b.out, `{"id":"`...), parsed.ID.String()...), '"')
	comma := len(b.out)
	b.out = append(patch.AppendJSON(b.out), '\n')
	b.out[comma] = ','
	return nil
}

func (d *differing) end(b *batch) error {
	switch {
	case b.steps == 0:
		if _, ok := ndjson.ID(b.doc); ok {
			return b.join.notFound(ofContacts, uint64(b.number), b.doc)
		} // else the feed has refused it
	case b.parsed != nil || b.same:
		b.count()
	}
	return nil
}

// A mergeSummary is the last line of merge --ndjson.
type mergeSummary struct {
	Contacts  int                  `json:"contacts"`
	Patches   int                  `json:"patches"`
	Changed   int                  `json:"changed"`
	Unchanged int                  `json:"unchanged"`
	Refused   int                  `json:"refused"`
	Rules     map[contact.Rule]int `json:"rules"` // errors by rule
}

// A diffSummary is that of diff --ndjson.
type diffSummary struct {
	Contacts  int                  `json:"old"`
	Patches   int                  `json:"new"`
	Changed   int                  `json:"changed"`
	Unchanged int                  `json:"unchanged"`
	Refused   int                  `json:"refused"`
	Rules     map[contact.Rule]int `json:"rules"`
}

// run brings the two files together.
func (j *join) run(flags *bulkFlags, op operation) error {
	inPlace := ""
	if _, merges := op.(*merging); merges {
		inPlace = j.contacts
	}
	if err := j.env.distinct(flags.target, inPlace, j.contacts, j.patches); err != nil {
		return err
	}
	j.memory, j.sorted, j.dir = flags.memory, flags.sorted, spillFolder(flags.temp)
	j.whole = flags.rejects != ""
	// Garbage that the collector has not found yet counts as well. Below the limit it may wait.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(j.memory) / 8 * 7))
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	j.totals.rules = make(map[contact.Rule]int)
	if err := j.files(flags, op); err != nil {
		return err
	}
	t := &j.totals
	sum := mergeSummary{t.contacts, int(t.patches.Load()), t.changed, t.unchanged,
		int(t.refused.Load()), t.rules}
	if _, ok := op.(*differing); ok {
		return j.env.summarize(diffSummary(sum), sum.Refused)
	}
	return j.env.summarize(sum, sum.Refused)
}

// files opens the inputs and outputs, and gives the outputs their names at the end if all is well.
func (j *join) files(flags *bulkFlags, op operation) error {
	contacts, err := j.env.open(j.contacts)
	if err != nil {
		return err
	}
	defer contacts.Close()
	patches, err := j.env.open(j.patches)
	if err != nil {
		return err
	}
	defer patches.Close()
	to, err := j.env.outputs(flags.target, contacts, patches)
	if err != nil {
		return err
	}
	defer to.discard()
	for i := range j.rejects {
		j.rejects[i] = j.spill(1)
		defer j.rejects[i].close()
	}
	if err := j.write(to.out, op, contacts, patches); err != nil {
		return cmp.Or(contacts.unchanged(), patches.unchanged(), err)
	}
	for _, from := range j.rejects {
		sorted := newSorter(from, from.buckets[0].most+1, int64(j.partMemory()))
		if err := each(sorted, func(r record) error {
			_, err := to.rejects.Write(r.text)
			return err
		}); err != nil {
			return err
		}
	}
	return to.commit()
}

// write writes the resulting contacts.
func (j *join) write(out *output, op operation, contacts, patches *input) error {
	from, feed, err := j.prepare(contacts, patches)
	if err != nil {
		return err
	}
	err = inOrder(func(b *batch) error {
		b.join, b.op = j, op
		return b.fill(from, feed)
	}, (*batch).work, func(b *batch) error {
		if b.err != nil {
			return b.err
		}
		j.totals.contacts += len(b.docs)
		j.totals.changed += b.changed
		j.totals.unchanged += b.unchanged
		j.atWork.draw()
		_, err := out.Write(b.out)
		return err
	})
	j.atWork.clear()
	if err != nil {
		return err
	}
	return feed.finish()
}
