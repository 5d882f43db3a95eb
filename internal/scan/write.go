package scan

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. Bytes that are not valid UTF-8 become U+FFFD. If html is
// true, it escapes the characters that encoding/json escapes by default, so that the text can be
// embedded in an HTML page.
func AppendString(dst []byte, s string, html bool) []byte {
	dst = append(dst, '"')
	if !Small && !html && isPlain(s) {
		return append(append(dst, s...), '"')
	}
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

// isPlain reports whether every byte of s stands for itself in a JSON string.
func isPlain(s string) bool {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if special(Load64(s, i)) != 0 {
			return false
		}
	}
	if i > 0 {
		return special(Load64(s, len(s)-8)) == 0
	}
	for ; i < len(s); i++ {
		if !plain(s[i]) {
			return false
		}
	}
	return true
}
