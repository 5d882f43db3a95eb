package main

import (
	"runtime"
	"time"
	"unsafe"

	"github.com/partner-contacts/contact"
)

// keepBytes is the most room kept from one call to the next, for either direction.
const keepBytes = 1 << 20

// headerBytes is the size of the length before an answer's text.
const headerBytes = 4

// The two buffers of the protocol. Go's collector moves nothing, so a pointer to either stays good until it is replaced.
var (
	input  = make([]byte, 64<<10)
	output = make([]byte, 0, 16<<10)
)

// buffer returns where to write the n bytes of the next call, or 0 where n is over the limit.
//
//go:wasmexport buffer
func buffer(n uint32) uint32 {
	if n > maxInput {
		return 0
	}
	if int(n) > len(input) || len(input) > keepBytes && n <= keepBytes {
		input = make([]byte, max(n, 64<<10))
	}
	return address(input)
}

// call runs one operation on the first n bytes of the buffer.
//
//go:wasmexport call
func call(
	op, n uint32, requireComplete, ignoreUnknown, allowStale, anyIdempotencyKey bool,
	maxBytes, maxDepth, maxErrors, maxMeta, maxDocument, versionResolution, timestampResolution int32,
) uint32 {
	if cap(output) > keepBytes {
		output = make([]byte, 0, 16<<10)
	}
	output = output[:headerBytes]
	if int(n) > len(input) {
		output = add(output, "!input longer than the buffer")
	} else {
		output = answer(output, op, contact.Options{
			RequireComplete:     requireComplete,
			IgnoreUnknown:       ignoreUnknown,
			AllowStale:          allowStale,
			AnyIdempotencyKey:   anyIdempotencyKey,
			MaxBytes:            int(maxBytes),
			MaxDepth:            int(maxDepth),
			MaxErrors:           int(maxErrors),
			MaxMeta:             int(maxMeta),
			MaxDocument:         int(maxDocument),
			VersionResolution:   time.Duration(versionResolution),
			TimestampResolution: time.Duration(timestampResolution),
		}, input[:n])
	}
	size := uint32(len(output) - headerBytes)
	if size == 0 {
		return 0
	}
	output[0], output[1], output[2], output[3] = byte(size), byte(size>>8), byte(size>>16), byte(size>>24)
	collect(int(n) + int(size))
	return address(output)
}

func address(b []byte) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) }

// garbage is about how many bytes calls have left to be collected.
var garbage int

// collect collects garbage in one go once calls with that many bytes in and out will have left some megabytes of it. Left
// to itself the runtime does it in small steps, with its write barriers on for thousands of calls: they would cost a call
// with errors a tenth of its time. What this guess misses the runtime sees to.
func collect(bytes int) {
	if garbage += 1<<10 + 2*bytes; garbage > 2<<20 {
		garbage = 0
		runtime.GC()
	}
}
