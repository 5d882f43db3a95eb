package scan

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. Bytes that are not valid UTF-8 become U+FFFD. If html is
// true, it escapes the characters that encoding/json escapes by default, so that the text can be
// embedded in an HTML page.
func AppendString(dst []byte, s string, html bool) []byte {
	dst = append(dst, '"')
	done := 0
	for i := plainEnd(s, html); i < len(s); {
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

// plainEnd returns the length of the prefix of s that needs neither escaping nor decoding.
func plainEnd(s string, html bool) int {
	if html {
		return 0
	}
	return PlainEnd(s, 0)
}
