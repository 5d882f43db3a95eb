package scan

import (
	"strings"
	"unicode/utf8"
)

// decode returns the first character of raw and its length in bytes, escaped or not. raw must be part
// of a string that a Scanner has accepted.
func decode(raw string) (rune, int) {
	if raw[0] != '\\' {
		return utf8.DecodeRuneInString(raw)
	}
	switch c := raw[1]; c {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, _ := hex4(raw[2:])
		if r < 0xd800 || r > 0xdfff {
			return r, 6
		}
		lo, _ := hex4(raw[8:])
		return (r-0xd800)<<10 | (lo - 0xdc00) + 0x10000, 12
	default:
		return rune(c), 2
	}
}

// AppendUnquoted appends raw, the content of an accepted string, after unescaping.
func AppendUnquoted(dst []byte, raw string) []byte {
	for len(raw) > 0 {
		i := strings.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		r, n := decode(raw[i:])
		dst = utf8.AppendRune(dst, r)
		raw = raw[i+n:]
	}
	return dst
}

// Unquote unescapes raw, the content of an accepted string. If raw has no escapes, it returns raw
// itself.
func Unquote(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	return string(AppendUnquoted(make([]byte, 0, len(raw)), raw))
}

// EqualStrings reports whether a and b, the contents of accepted strings, are equal after unescaping.
func EqualStrings(a, b string) bool {
	if a == b {
		return true
	}
	if strings.IndexByte(a, '\\') < 0 && strings.IndexByte(b, '\\') < 0 {
		return false
	}
	for len(a) > 0 && len(b) > 0 {
		r, n := decode(a)
		q, m := decode(b)
		if r != q {
			return false
		}
		a, b = a[n:], b[m:]
	}
	return a == b
}

// AppendCompact appends an accepted text without the white space outside its strings.
func AppendCompact(dst []byte, text string) []byte {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			end := EndOfString(text, i)
			dst = append(dst, text[i:end]...)
			i = end
		case c <= ' ':
			i++
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

// EndOfString returns the offset after the string that begins at i.
func EndOfString(text string, i int) int {
	for i++; ; {
		switch i = PlainEnd(text, i); text[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
		i++ // skip the escaped character, which may be a quote
	}
}

// EndOfValue returns the offset after the value that begins at i, in a compact accepted text.
func EndOfValue(text string, i int) int {
	for depth := 0; ; {
		switch text[i] {
		case '"':
			i = EndOfString(text, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ',', ':':
			i++
			continue
		default:
			for i < len(text) && text[i] != ',' && text[i] != '}' && text[i] != ']' {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
}

// Cut splits off the first member of the rest of a compact accepted object. rest begins after the
// opening bracket, or is the result after of the previous call. name is the content of the member's
// name, still escaped. At the end of the object ok is false.
func Cut(rest string) (name, value, after string, ok bool) {
	if rest[0] == ',' {
		rest = rest[1:]
	}
	if rest[0] == '}' {
		return "", "", "", false
	}
	colon := EndOfString(rest, 0)
	end := EndOfValue(rest, colon+1)
	return rest[1 : colon-1], rest[colon+1 : end], rest[end:], true
}
