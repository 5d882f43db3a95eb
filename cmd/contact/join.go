package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"io"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/ndjson"
)

// A join brings the lines of one file, the contacts, together with the lines of another that have
// the same ids, called patches here. Nothing but the patches is ever moved, since the result is to
// have the order of the contacts, and contacts are the larger file by far:
//
//   - Where the patches fit into memory, contacts are read once and look theirs up.
//   - Else patches, and the contacts' ids with their line numbers, are spread over buckets by a
//     hash of the id. Bucket by bucket each patch learns the number of its contact's line, and goes
//     to a second set of buckets by that. The contacts, read for a second time, then meet their
//     patches in their own order.
//   - Where both files are sorted by id, they are read side by side.
type join struct {
	env      *env
	verb     string // merge or diff
	contacts string // names of files
	patches  string
	maxPatch int // bytes of a line
	memory   int
	dir      string // for temporary files
	sorted   bool
	whole    bool                       // a reject holds the patch, too
	check    [2]func(line []byte) error // of patches and of contacts

	totals   totals
	rejects  [2]*spill // of patches, then of contacts
	atWork   *progress
	seed     maphash.Seed
	numbered int // lines of the contacts
}

const (
	ofPatches  = 0
	ofContacts = 1
)

// lineKeys name the number of a line in a reject.
var lineKeys = [...]string{ofPatches: "line", ofContacts: "contact"}

// Shares of the memory that --memory allows. The rest is for the lines in flight, for the records
// of the sorted records, and for the garbage collector.
func (j *join) patchMemory() int { return j.memory / 4 }
func (j *join) partMemory() int  { return j.memory / 16 }
func (j *join) idMemory() int    { return j.memory / 16 / runtime.GOMAXPROCS(0) }
func (j *join) maxContact() int  { return max(64<<10, min(ndjson.MaxLine, j.memory/64)) }

// hashBuckets is into how many parts patches and ids are spread, by eight bits of their hash.
const hashBuckets = 256

func (j *join) spill(buckets int) *spill { return newSpill(j.dir, buckets, j.memory/16) }

// refuse keeps a line for the file of rejects, with its faults. The second number orders the refusals
// of one patch by many contacts.
func (j *join) refuse(of int, number, at int, line []byte, errs contact.Errors) error {
	for _, e := range errs {
		j.totals.count(e.Rule)
	}
	j.totals.refused.Add(1)
	text := ndjson.AppendRecord(nil, lineKeys[of], number, line, errs, j.whole)
	return j.rejects[of].add(0, record{hi: uint64(number), n: uint64(at), text: text})
}

// unreadable keeps a line without an id that can be read.
func (j *join) unreadable(of int, number int, line []byte) error {
	limit := j.maxPatch
	if of == ofContacts {
		limit = len(line)
	}
	return j.refuse(of, number, 0, line, ndjson.Unreadable(line, limit, j.check[of]))
}

// notFound keeps a line without a counterpart in the other file, with all its faults.
func (j *join) notFound(of int, number uint64, line []byte) error {
	errs := append(contact.Errors{ndjson.NotFound()}, ndjson.Faults(j.check[of](line))...)
	return j.refuse(of, int(number), 0, line, errs)
}

// totals are the counts of a join.
type totals struct {
	contacts, changed, unchanged int // by the one that writes
	patches, refused             atomic.Int64
	mu                           sync.Mutex
	rules                        map[contact.Rule]int
}

func (t *totals) count(rule contact.Rule) {
	t.mu.Lock()
	t.rules[rule]++
	t.mu.Unlock()
}

// A feed hands out the patches of contacts.
type feed interface {
	// start turns to the next contact, the line of this number.
	start(doc []byte, number int) error
	// next returns a patch of the contact, with the number of its line as n, or false after the
	// last.
	next() (record, bool, error)
	// finish refuses the patches that no contact has asked for.
	finish() error
}

// An index finds entries by their ids.
type index struct {
	entries []entry  // sorted
	starts  []uint32 // where the ids begin whose first bits are those of the place
	shift   int
}

// An entry is an id and its lines.
type entry struct{ hi, lo, n uint64 }

func newIndex(entries []entry) *index {
	width := bits.Len(uint(len(entries) / 4))
	x := &index{shift: 64 - width}
	x.entries, x.starts = sortSlots(nil, entries, 1<<width,
		func(e *entry) int { return int(e.hi >> x.shift) },
		func(a, b entry) int { return cmp.Or(a.compare(b.hi, b.lo), cmp.Compare(a.n, b.n)) })
	return x
}

func (e entry) compare(hi, lo uint64) int {
	return cmp.Or(cmp.Compare(e.hi, hi), cmp.Compare(e.lo, lo))
}

// find returns where the entries of an id begin and end.
func (x *index) find(hi, lo uint64) (start, end int) {
	first, last := int(x.starts[hi>>x.shift]), int(x.starts[hi>>x.shift+1])
	start, _ = slices.BinarySearchFunc(x.entries[first:last], entry{hi, lo, 0},
		func(e, id entry) int { return e.compare(id.hi, id.lo) })
	start += first
	for end = start; end < last && x.entries[end].compare(hi, lo) == 0; end++ {
	}
	return start, end
}

// key returns an id as two numbers that are ordered as its bytes are.
func key(id contact.ID) (hi, lo uint64) {
	return binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])
}

// A memoryFeed has the patches in memory.
type memoryFeed struct {
	join *join
	*index
	data    []byte // records; an entry's n is where one begins
	asked   []bool // by entry
	at, end int    // the entries of the contact
}

func (f *memoryFeed) start(doc []byte, number int) error {
	id, ok := ndjson.ID(doc)
	if f.at, f.end = 0, 0; !ok {
		return f.join.unreadable(ofContacts, number, doc)
	}
	f.at, f.end = f.find(key(id))
	return nil
}

func (f *memoryFeed) next() (r record, ok bool, err error) {
	if f.at == f.end {
		return r, false, nil
	}
	f.asked[f.at] = true
	r, _ = cutRecord(f.data[f.entries[f.at].n:])
	f.at++
	return r, true, nil
}

func (f *memoryFeed) finish() error {
	for i, e := range f.entries {
		if f.asked[i] {
			continue
		}
		r, _ := cutRecord(f.data[e.n:])
		if err := f.join.notFound(ofPatches, r.n, r.text); err != nil {
			return err
		}
	}
	return nil
}

// A spilledFeed has the patches sorted by the numbers of their contacts' lines.
type spilledFeed struct {
	*sorter
	ahead  record
	more   bool // ahead is there
	fresh  bool // ahead has not been handed out
	number uint64
}

func (f *spilledFeed) start(_ []byte, number int) error {
	f.number = uint64(number)
	return nil
}

func (f *spilledFeed) next() (r record, ok bool, err error) {
	if !f.fresh {
		if f.ahead, f.more, err = f.sorter.next(); err != nil {
			return r, false, err
		}
		f.fresh = true
	}
	if !f.more || f.ahead.hi != f.number {
		return r, false, nil
	}
	f.fresh = false
	return f.ahead, true, nil
}

func (f *spilledFeed) finish() error { return nil }

// A sortedFeed reads patches that are sorted by id, for contacts that are.
type sortedFeed struct {
	join    *join
	lines   *ndjson.Reader
	ahead   entry // the patch read last
	text    []byte
	more    bool  // ahead is there
	fresh   bool  // ahead has not been handed out
	contact entry // n is its line, 0 before the first
}

func (f *sortedFeed) start(doc []byte, number int) error {
	id, ok := ndjson.ID(doc)
	before := f.contact
	f.contact.hi, f.contact.lo = key(id)
	f.contact.n = uint64(number)
	switch {
	case !ok:
		return fmt.Errorf("line %d of %s has no id that can be read", number, f.join.contacts)
	case before.n > 0 && f.contact.compare(before.hi, before.lo) <= 0:
		return fmt.Errorf("line %d of %s: --sorted needs ids that rise", number, f.join.contacts)
	}
	return f.skip(func() bool { return f.ahead.compare(f.contact.hi, f.contact.lo) < 0 })
}

// skip refuses patches that have no contact for as long as it is told to.
func (f *sortedFeed) skip(on func() bool) error {
	for {
		if err := f.peek(); err != nil {
			return err
		}
		if !f.more || !on() {
			return nil
		}
		if err := f.join.notFound(ofPatches, f.ahead.n, f.text); err != nil {
			return err
		}
		f.fresh = false
	}
}

// peek reads the next patch, unless there is one that has not been handed out.
func (f *sortedFeed) peek() error {
	if f.fresh {
		return nil
	}
	before := f.ahead
	id, line, err := f.join.nextPatch(f.lines)
	f.fresh, f.more, f.text = true, err == nil, line
	if err == io.EOF {
		return nil
	}
	f.ahead.hi, f.ahead.lo = key(id)
	f.ahead.n = uint64(f.lines.Number)
	if err == nil && f.ahead.compare(before.hi, before.lo) < 0 {
		return fmt.Errorf("line %d of %s: --sorted needs ids that do not fall",
			f.ahead.n, f.join.patches)
	}
	return err
}

func (f *sortedFeed) next() (r record, ok bool, err error) {
	if err := f.peek(); err != nil {
		return r, false, err
	}
	if !f.more || f.ahead.compare(f.contact.hi, f.contact.lo) != 0 {
		return r, false, nil
	}
	f.fresh = false
	return record{n: f.ahead.n, text: f.text}, true, nil
}

func (f *sortedFeed) finish() error { return f.skip(func() bool { return true }) }

// nextPatch returns the next patch with its id. Those without one are refused on the way.
func (j *join) nextPatch(lines *ndjson.Reader) (id contact.ID, line []byte, err error) {
	for {
		if line, err = lines.Next(); err != nil {
			return id, nil, err
		}
		if lines.Number&0xff == 0 && !j.sorted {
			j.atWork.draw()
		}
		if len(line) <= j.maxPatch && ndjson.Blank(line) {
			continue
		}
		j.totals.patches.Add(1)
		id, ok := ndjson.ID(line)
		if ok && len(line) <= j.maxPatch {
			return id, line, nil
		}
		if err := j.unreadable(ofPatches, lines.Number, line); err != nil {
			return id, nil, err
		}
	}
}

// docs are the contacts, line by line.
type docs interface {
	// next returns the next line, which is not blank, and its number.
	next() ([]byte, int, error)
}

// A docReader reads them from a file.
type docReader struct {
	*ndjson.Reader
	join *join
}

func (d docReader) next() ([]byte, int, error) {
	for {
		line, err := d.Reader.Next()
		switch {
		case err != nil:
			return nil, 0, err
		case len(line) > d.Limit:
			return nil, 0, fmt.Errorf("line %d of %s has over %d bytes: --memory is too little for it",
				d.Number, d.join.contacts, d.Limit)
		case !ndjson.Blank(line):
			return line, d.Number, nil
		}
	}
}

// A docSpool reads them from the spill that they were kept in, since they cannot be read again.
type docSpool struct{ *cursor }

func (d docSpool) next() ([]byte, int, error) {
	r, ok, err := d.cursor.next()
	if err == nil && !ok {
		err = io.EOF
	}
	return r.text, int(r.n), err
}

// prepare reads the patches, or gets ready to, and returns where the contacts and their patches
// come from.
func (j *join) prepare(contacts, patches *input) (docs, feed, error) {
	j.seed = maphash.MakeSeed()
	lines := ndjson.NewReader(patches, j.maxPatch)
	direct := docReader{ndjson.NewReader(contacts, j.maxContact()), j}
	if err := cmp.Or(fileError(j.contacts, direct.WrongMode()), fileError(j.patches, lines.WrongMode())); err != nil {
		return nil, nil, err
	}
	if j.sorted {
		j.watch(contacts, j.verb)
		return direct, &sortedFeed{join: j, lines: lines}, nil
	}
	j.watch(patches, "read patches")
	if patches.again() && patches.size > int64(j.patchMemory()) {
		return j.spread(nil, lines, contacts, direct)
	}
	feed := &memoryFeed{join: j}
	var entries []entry
	const each = 24 // bytes of an entry
	for {
		id, line, err := j.nextPatch(lines)
		if err == io.EOF {
			j.watch(contacts, j.verb)
			feed.index, feed.asked = newIndex(entries), make([]bool, len(entries))
			return direct, feed, nil
		}
		if err != nil {
			return nil, nil, err
		}
		hi, lo := key(id)
		r := record{hi, lo, uint64(lines.Number), line}
		entries = append(entries, entry{hi, lo, uint64(len(feed.data))})
		feed.data = r.append(feed.data)
		if len(feed.data)+len(entries)*each > j.patchMemory() {
			break
		}
	}
	held := feed.data
	feed, entries = nil, nil
	return j.spread(held, lines, contacts, direct)
}

// spread prepares patches that do not fit into memory; held are those that did.
func (j *join) spread(held []byte, lines *ndjson.Reader, contacts *input, direct docReader) (docs, feed, error) {
	patches, ids := j.spill(hashBuckets), j.spill(hashBuckets)
	patches.alone, ids.alone = true, true
	defer patches.close()
	defer ids.close()
	read := make(chan error, 1)
	go func() { read <- j.spreadPatches(patches, held, lines) }()
	var spool *spill
	if !contacts.again() {
		spool = j.spill(1)
	}
	err := j.spreadIDs(ids, spool, direct)
	if failed := <-read; failed != nil {
		err = failed
	}
	if err != nil {
		return nil, nil, err
	}

	j.numbered = direct.Number
	var size int64
	for i := range patches.buckets {
		size += patches.buckets[i].bytes
	}
	count := int(min(max(1, size/int64(j.partMemory())+1), hashBuckets))
	placed := j.spill(count)
	if err := j.place(patches, ids, 0, placed); err != nil {
		placed.close()
		return nil, nil, err
	}
	f := &spilledFeed{sorter: newSorter(placed, uint64(j.numbered)+1, int64(j.partMemory()))}
	if spool != nil {
		return docSpool{spool.cursor(0)}, f, nil
	}
	again, err := contacts.rewind()
	if err != nil {
		return nil, nil, err
	}
	j.watch(again, j.verb)
	return docReader{ndjson.NewReader(again, j.maxContact()), j}, f, nil
}

// spreadPatches puts the patches into buckets by the hashes of their ids, in their order.
func (j *join) spreadPatches(to *spill, held []byte, lines *ndjson.Reader) error {
	for len(held) > 0 {
		var r record
		r, held = cutRecord(held)
		if err := to.add(j.hashPart(r, 0), r); err != nil {
			return err
		}
	}
	for {
		id, line, err := j.nextPatch(lines)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		hi, lo := key(id)
		r := record{hi, lo, uint64(lines.Number), line}
		if err := to.add(j.hashPart(r, 0), r); err != nil {
			return err
		}
	}
}

// spreadIDs puts the contacts' ids into buckets, and the contacts themselves into the spool, if
// there is one.
func (j *join) spreadIDs(to, spool *spill, direct docReader) error {
	for {
		line, number, err := direct.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if spool != nil {
			if err := spool.add(0, record{n: uint64(number), text: line}); err != nil {
				return err
			}
		}
		id, ok := ndjson.ID(line)
		if !ok {
			if err := j.unreadable(ofContacts, number, line); err != nil {
				return err
			}
			continue
		}
		r := record{n: uint64(number)}
		r.hi, r.lo = key(id)
		if err := to.add(j.hashPart(r, 0), r); err != nil {
			return err
		}
	}
}

// hashPart returns the bucket of a record with an id: a byte of the id's hash, another one for each
// level of buckets within buckets. The seed differs from run to run, so that nobody can make ids
// that all go into one.
func (j *join) hashPart(r record, level int) int {
	return int(uint8(maphash.Comparable(j.seed, [2]uint64{r.hi, r.lo}) >> (8 * level)))
}

// place gives the patches the numbers of their contacts' lines, bucket by bucket on all cores.
func (j *join) place(patches, ids *spill, level int, placed *spill) error {
	var next atomic.Int64
	failures := make(chan error, runtime.GOMAXPROCS(0))
	for range cap(failures) {
		go func() {
			for {
				number := int(next.Add(1) - 1)
				if number >= hashBuckets {
					failures <- nil
					return
				}
				if err := j.placeBucket(patches, ids, number, level, placed); err != nil {
					next.Store(hashBuckets)
					failures <- err
					return
				}
			}
		}()
	}
	var failed error
	for range cap(failures) {
		if err := <-failures; err != nil {
			failed = err
		}
	}
	return failed
}

func (j *join) placeBucket(patches, ids *spill, number, level int, placed *spill) error {
	count := ids.buckets[number].bytes / headLength
	if count*24 > int64(j.idMemory()) {
		return j.placeParts(patches, ids, number, level+1, placed)
	}
	entries := make([]entry, 0, count)
	if err := each(ids.cursor(number), func(r record) error {
		entries = append(entries, entry{r.hi, r.lo, r.n})
		return nil
	}); err != nil {
		return err
	}
	found := newIndex(entries)
	high := uint64(j.numbered) + 1
	return each(patches.cursor(number), func(r record) error {
		start, end := found.find(r.hi, r.lo)
		if start == end {
			return j.notFound(ofPatches, r.n, r.text)
		}
		for _, e := range found.entries[start:end] {
			to := partOf(e.n, 0, high, len(placed.buckets))
			if err := placed.add(to, record{hi: e.n, n: r.n, text: r.text}); err != nil {
				return err
			}
		}
		return nil
	})
}

// placeParts does the same for a bucket with too many ids, in parts.
func (j *join) placeParts(patches, ids *spill, number, level int, placed *spill) error {
	if level == 8 {
		return fmt.Errorf("too many lines of %s have the same id: --memory is too little for them", j.contacts)
	}
	parts := [2]*spill{j.spill(hashBuckets), j.spill(hashBuckets)}
	for i, from := range [2]*spill{patches, ids} {
		defer parts[i].close()
		if err := each(from.cursor(number), func(r record) error {
			return parts[i].add(j.hashPart(r, level), r)
		}); err != nil {
			return err
		}
	}
	for i := range hashBuckets {
		if err := j.placeBucket(parts[0], parts[1], i, level, placed); err != nil {
			return err
		}
	}
	return nil
}

// each calls f with every record that is left of a cursor or a sorter.
func each(from interface{ next() (record, bool, error) }, f func(record) error) error {
	for {
		r, ok, err := from.next()
		if err != nil {
			return err
		}
		if !ok {
			return nil
		}
		if err := f(r); err != nil {
			return err
		}
	}
}

// watch draws how far an input is read from now on.
func (j *join) watch(in *input, what string) {
	if j.atWork != nil {
		j.atWork.clear()
	}
	j.atWork = j.env.progress(what, in)
}
