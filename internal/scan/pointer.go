package scan

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Pointer is a JSON Pointer (RFC 6901) to a place in a text.
type Pointer struct {
	Text      string
	Truncated bool // Text was cut after the last whole token that fits
}

// MaxPointer is the maximum length of Pointer.Text in characters. Member names may be as long as the
// body.
const MaxPointer = 100

// CutPointer returns text as a Pointer, cut after the last whole token that fits.
func CutPointer(text string) Pointer {
	end, n := 0, 0
	for i, r := range text {
		if r == '/' {
			end = i
		}
		if n++; n > MaxPointer {
			return Pointer{strings.Clone(text[:end]), true}
		}
	}
	return Pointer{Text: text}
}

// Duplicate records the current member as a repeated one.
func (s *Scanner) Duplicate() {
	if s.OK() && len(s.Duplicates) < s.maxDuplicates {
		s.Duplicates = append(s.Duplicates, s.Pointer())
	}
}

// full is the maximum length in bytes of a pointer that fits.
const full = utf8.UTFMax * MaxPointer

// Pointer returns the pointer to the current member or element.
func (s *Scanner) Pointer() Pointer {
	var buf [full]byte
	dst := append(buf[:0], s.base...)
	for depth := 1; depth <= s.depth && len(dst) <= full; depth++ {
		dst = append(dst, '/')
		if step := s.step(depth); step < 0 {
			dst = strconv.AppendInt(dst, int64(^step), 10)
		} else {
			dst = AppendToken(dst, s.text[step:], MaxPointer)
		}
	}
	return CutPointer(string(dst))
}

// PointerTo returns base followed by a token for each of names, the contents of accepted strings.
func PointerTo(base string, names []string) Pointer {
	dst := []byte(base)
	for i := 0; i < len(names) && len(dst) <= full; i++ {
		dst = AppendToken(append(dst, '/'), names[i], MaxPointer)
	}
	return CutPointer(string(dst))
}

// AppendToken appends a name as a reference token (RFC 6901 §3). raw is the content of an accepted
// string, up to its end or its closing quote. AppendToken appends at most most characters of the name.
func AppendToken(dst []byte, raw string, most int) []byte {
	for i := 0; i < len(raw) && raw[i] != '"' && most > 0; most-- {
		r, size := rune(raw[i]), 1
		if r == '\\' || r >= utf8.RuneSelf {
			r, size = decode(raw[i:])
		}
		i += size
		switch r {
		case '~':
			dst = append(dst, "~0"...)
		case '/':
			dst = append(dst, "~1"...)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}
