package scan

import (
	"slices"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. Bytes that are not valid UTF-8 become U+FFFD. If html is
// true, it escapes the characters that encoding/json escapes by default, so that the text can be
// embedded in an HTML page.
func AppendString(dst []byte, s string, html bool) []byte {
	if !Small && !html {
		var ok bool
		if dst, ok = appendPlain(dst, s); ok {
			return dst
		}
	}
	dst = append(dst, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			switch {
			case r == utf8.RuneError && n == 1:
				dst = append(append(dst, s[done:i]...), "\uFFFD"...)
				done = i + n
			case html && r|1 == '\u2029':
				dst = append(append(dst, s[done:i]...), `\u202`...)
				dst = append(dst, hexDigits[r&15])
				done = i + n
			}
			i += n
			continue
		}
		i++
		if c >= ' ' && c != '"' && c != '\\' && (!html || c != '<' && c != '>' && c != '&') {
			continue
		}
		dst = append(append(dst, s[done:i-1]...), '\\')
		done = i
		switch c {
		case '"', '\\':
			dst = append(dst, c)
		case '\b':
			dst = append(dst, 'b')
		case '\f':
			dst = append(dst, 'f')
		case '\n':
			dst = append(dst, 'n')
		case '\r':
			dst = append(dst, 'r')
		case '\t':
			dst = append(dst, 't')
		default:
			dst = append(dst, 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[done:]...), '"')
}

// appendPlain is AppendString for a string in which every byte stands for itself. ok is false if s has
// another.
func appendPlain(dst []byte, s string) (_ []byte, ok bool) {
	n := len(dst)
	dst = slices.Grow(dst, len(s)+len(`""`))[:n+len(s)+len(`""`)]
	to := dst[n+1 : n+1+len(s)]
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := Load64(s, i)
		if special(x) != 0 {
			return dst[:n], false
		}
		put64(to[i:], x)
	}
	if i > 0 && i < len(s) { // the last eight bytes take the place of single ones
		i = len(s) - 8
		x := Load64(s, i)
		if special(x) != 0 {
			return dst[:n], false
		}
		put64(to[i:], x)
		i = len(s)
	}
	for ; i < len(s); i++ {
		if !plain(s[i]) {
			return dst[:n], false
		}
		to[i] = s[i]
	}
	dst[n], dst[len(dst)-1] = '"', '"'
	return dst, true
}

func put64(dst []byte, x uint64) {
	_ = dst[7]
	dst[0], dst[1], dst[2], dst[3] = byte(x), byte(x>>8), byte(x>>16), byte(x>>24)
	dst[4], dst[5], dst[6], dst[7] = byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56)
}
