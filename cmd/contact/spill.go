package main

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// A record is the part of a line that is kept until its turn.
type record struct {
	hi, lo uint64 // the key that it goes by
	n      uint64
	text   []byte
}

const headLength = 3*8 + 4

func (r *record) append(dst []byte) []byte {
	for _, v := range [...]uint64{r.hi, r.lo, r.n} {
		dst = binary.LittleEndian.AppendUint64(dst, v)
	}
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(r.text))), r.text...)
}

// cutRecord cuts the first record off data, which has one at least. The record shares its memory.
func cutRecord(data []byte) (r record, rest []byte) {
	r.hi = binary.LittleEndian.Uint64(data)
	r.lo = binary.LittleEndian.Uint64(data[8:])
	r.n = binary.LittleEndian.Uint64(data[16:])
	end := headLength + binary.LittleEndian.Uint32(data[24:])
	r.text = data[headLength:end:end]
	return r, data[end:]
}

// A spill holds records in numbered buckets, in memory at first and then in a temporary file. The
// file has no name from the moment it is there, so the system frees it however the program ends.
type spill struct {
	dir     string
	memory  int // bytes of all buckets that stay in it
	block   int // about how many of one
	buckets []bucket
	alone   bool // one goroutine adds all records: no lock, which waits for every store before it

	open sync.Once
	file *os.File
	err  error // of open
	end  atomic.Int64
}

// A bucket takes records from any goroutine, and keeps the order of those that one goroutine adds.
type bucket struct {
	sync.Mutex
	buffer  []byte
	extents []extent // each of whole records
	bytes   int64    // in the file and in the buffer
	most    uint64   // the largest hi
}

// An extent is a piece of the file.
type extent struct{ at, length int64 }

// newSpill returns a spill of so many buckets. The index of a bucket grows with the number of its
// blocks, so one that is alone has larger ones.
func newSpill(dir string, buckets, memory int) *spill {
	block := max(1<<10, memory>>8)
	if buckets == 1 {
		block *= 16
	}
	return &spill{dir: dir, memory: memory, block: block, buckets: make([]bucket, buckets)}
}

const spillPrefix = "contact-spill-"

// create makes the file.
func (s *spill) create() {
	unfinished.Lock() // so that a signal does not end the program while it has a name
	defer unfinished.Unlock()
	name := fmt.Sprintf("%s*.%d%s", spillPrefix, os.Getpid(), partSuffix)
	if s.file, s.err = os.CreateTemp(s.dir, name); s.err == nil {
		os.Remove(s.file.Name()) // where an open file cannot be removed, close does it
	}
	s.err = fileError(s.dir, s.err)
}

func (s *spill) close() {
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
	}
}

// add copies a record into a bucket.
func (s *spill) add(number int, r record) (err error) {
	b := &s.buckets[number]
	size := headLength + len(r.text)
	if !s.alone {
		b.Lock()
		defer b.Unlock()
	}
	if len(b.buffer) > 0 && len(b.buffer)+size > s.block {
		err = s.flush(b)
	}
	b.buffer = r.append(b.buffer)
	b.bytes += int64(size)
	b.most = max(b.most, r.hi)
	return err
}

// flush writes the part of a bucket in memory to the file.
func (s *spill) flush(b *bucket) error {
	if s.open.Do(s.create); s.err != nil {
		return s.err
	}
	length := int64(len(b.buffer))
	e := extent{s.end.Add(length) - length, length}
	_, err := s.file.WriteAt(b.buffer, e.at)
	b.extents, b.buffer = append(b.extents, e), b.buffer[:0]
	return fileError(s.dir, err)
}

// A cursor reads the records of a bucket in the order in which they were added. A record lives
// until the next is read.
type cursor struct {
	file   *os.File
	rest   []extent
	last   []byte // the rest, after the extents
	data   []byte // of which buffer holds the memory
	buffer []byte
}

func (s *spill) cursor(number int) *cursor {
	b := &s.buckets[number]
	return &cursor{file: s.file, rest: b.extents, last: b.buffer}
}

// next returns the next record, or false after the last.
func (c *cursor) next() (r record, ok bool, err error) {
	for len(c.data) == 0 {
		switch {
		case len(c.rest) > 0:
			e := c.rest[0]
			c.rest = c.rest[1:]
			c.buffer = slices.Grow(c.buffer[:0], int(e.length))[:e.length]
			if _, err := c.file.ReadAt(c.buffer, e.at); err != nil {
				return r, false, err
			}
			c.data = c.buffer
		case len(c.last) > 0:
			c.data, c.last = c.last, nil
		default:
			return r, false, nil
		}
	}
	r, c.data = cutRecord(c.data)
	return r, true, nil
}

// A part is a bucket whose keys are at least low and below high.
type part struct {
	*spill
	number    int
	low, high uint64
	last      bool // of its spill, which is closed after it
}

// partOf returns the number of the part, of count, in which a key lies.
func partOf(key, low, high uint64, count int) int {
	return int((key - low) * uint64(count) / (high - low))
}

// lowest is where a part begins.
func lowest(number int, low, high uint64, count int) uint64 {
	n, width := uint64(count), high-low
	return low + (uint64(number)*width+n-1)/n
}

// A sorter reads the records of a spill by hi and then n. Parts that fit into memory are sorted
// there, each while the one before it is read; others are cut into smaller ones first. One that
// holds a single hi is read unsorted.
type sorter struct {
	todo   []part // the next one last
	memory int64
	now    loaded
	at     int         // the next of its records
	ahead  chan loaded // the next one, if it is being loaded
}

// A loaded is the next part to read: records in their order, or a stream of them.
type loaded struct {
	data     []byte // their texts
	records  []record
	unsorted []record // as they were read
	stream   *cursor
	end      bool // there is nothing more
	err      error
}

// newSorter reads a spill whose bucket i of n holds the i-th part of the keys below high.
func newSorter(s *spill, high uint64, memory int64) *sorter {
	sorted := &sorter{memory: memory}
	sorted.push(s, 0, high)
	return sorted
}

func (s *sorter) push(from *spill, low, high uint64) {
	count := len(from.buckets)
	for i := count - 1; i >= 0; i-- {
		s.todo = append(s.todo, part{from, i,
			lowest(i, low, high, count), lowest(i+1, low, high, count), i == count-1})
	}
}

// next returns the next record, or false after the last. It lives until the next is read.
func (s *sorter) next() (r record, ok bool, err error) {
	for {
		switch {
		case s.at < len(s.now.records):
			s.at++
			return s.now.records[s.at-1], true, nil
		case s.now.stream != nil:
			if r, ok, err = s.now.stream.next(); ok || err != nil {
				return r, ok, err
			}
			s.now.stream = nil
		case s.now.end || s.now.err != nil:
			return r, false, s.now.err
		default:
			s.advance()
		}
	}
}

// advance moves to the next part and loads the one after it in the background, unless that would
// close a file that a stream is read from.
func (s *sorter) advance() {
	spare := s.now
	if s.ahead != nil {
		s.now, s.ahead = <-s.ahead, nil
	} else {
		s.now, spare = s.load(spare), loaded{}
	}
	s.at = 0
	if s.now.stream == nil && !s.now.end && s.now.err == nil {
		ahead := make(chan loaded, 1)
		s.ahead = ahead
		go func() { ahead <- s.load(spare) }()
	}
}

// load returns the next part, in memory that is no longer needed.
func (s *sorter) load(spare loaded) loaded {
	for len(s.todo) > 0 {
		p := s.todo[len(s.todo)-1]
		s.todo = s.todo[:len(s.todo)-1]
		from, size := p.cursor(p.number), p.buckets[p.number].bytes
		next := loaded{data: spare.data[:0], records: spare.records[:0], unsorted: spare.unsorted}
		cut := size > s.memory && p.high-p.low > 1
		switch {
		case cut:
			next.err = s.cut(p, from)
		case size > s.memory:
			return loaded{stream: from} // whose file is closed with the sorter
		default:
			next.err = next.sort(from, size, p)
		}
		if p.last {
			p.close()
		}
		if !cut || next.err != nil {
			return next
		}
	}
	return loaded{end: true}
}

// cut puts smaller parts in the place of one.
func (s *sorter) cut(p part, from *cursor) error {
	count := int(min(64, p.high-p.low))
	smaller := newSpill(p.dir, count, p.memory)
	err := each(from, func(r record) error {
		return smaller.add(partOf(r.hi, p.low, p.high, count), r)
	})
	s.push(smaller, p.low, p.high)
	return err
}

// sort reads a whole part and sorts it.
func (l *loaded) sort(from *cursor, size int64, p part) error {
	l.data, l.unsorted = slices.Grow(l.data, int(size)), l.unsorted[:0]
	err := each(from, func(r record) error {
		start := len(l.data)
		l.data = append(l.data, r.text...)
		r.text = l.data[start:]
		l.unsorted = append(l.unsorted, r)
		return nil
	})
	slots := max(1, len(l.unsorted)/2)
	l.records, _ = sortSlots(l.records, l.unsorted, slots,
		func(r *record) int { return partOf(r.hi, p.low, p.high, slots) },
		func(a, b record) int { return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.n, b.n)) })
	return err
}

// sortSlots puts items into dst in order: by the slot of each at once, and by compare inside a slot,
// where few meet unless somebody has made up the keys. It returns where each slot begins, too.
func sortSlots[T any](dst, items []T, slots int, slot func(*T) int, compare func(a, b T) int) ([]T, []uint32) {
	starts := make([]uint32, slots+1)
	for i := range items {
		starts[slot(&items[i])+1]++
	}
	for i := range slots {
		starts[i+1] += starts[i]
	}
	next := slices.Clone(starts)
	dst = slices.Grow(dst[:0], len(items))[:len(items)]
	for i := range items {
		at := &next[slot(&items[i])]
		dst[*at] = items[i]
		*at++
	}
	for i := range slots {
		if part := dst[starts[i]:starts[i+1]]; len(part) > 1 {
			slices.SortFunc(part, compare)
		}
	}
	return dst, starts
}

// spillFolder returns the folder for temporary files, without those of runs that were killed in
// the moment before theirs lost its name.
func spillFolder(dir string) string {
	if dir == "" {
		dir = os.TempDir()
	}
	sweep(dir, func(left string) bool { return strings.HasPrefix(left, spillPrefix) })
	return dir
}
