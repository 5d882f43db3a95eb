//go:build !contact_small

package contact

import (
	"errors"
	"strings"
	"time"
)

// ETag returns the strong entity tag (RFC 9110 §8.8.3) of a contact whose updated_at is version:
// that version in double quotes. Send it as the header ETag with every representation of the
// contact, and see [Condition.Check]. It is "" for a version outside the years 0000 to 9999, which
// no contact can have.
func ETag(version time.Time) string {
	if !inRange(version) {
		return ""
	}
	var buf [len(`"2006-01-02T15:04:05.999999999Z"`)]byte
	return string(appendTimestamp(buf[:0], version))
}

// A Condition holds the preconditions of a request: its header fields for the version that it is
// meant for (RFC 9110 §13): If-Match, If-None-Match and If-Unmodified-Since. The zero value asks
// for nothing. If-Modified-Since is left out: it is for caches, and [ETag] serves them better.
type Condition struct {
	fields *conditionFields // nil if nothing is asked for; a pointer, which fmt and slog do not follow
}

type conditionFields struct {
	ifMatch, ifNoneMatch tagList
	hasDate              bool
	unmodifiedSince      time.Time
}

var errCondition = errors.New("contact: a condition is not for JSON: keep the request")

// MarshalJSON fails for a condition that asks for something: read back it would ask for nothing.
// Keep the [UpdateRequest], and parse it again.
func (c Condition) MarshalJSON() ([]byte, error) {
	if c.fields != nil {
		return nil, errCondition
	}
	return []byte("{}"), nil
}

// ParseCondition reads a condition from the values of the three header fields, "" where one is not
// there; a field that came on several lines is these joined by ", " (RFC 9110 §5.3). A value
// that is not an HTTP-date (§5.6.7) is ignored, and so is any date beside If-Match (§13.1.4). A
// list of tags that cannot be read, one of white space alone included, is never met: what it meant
// to protect stays as it is.
func ParseCondition(ifMatch, ifNoneMatch, ifUnmodifiedSince string) Condition {
	if ifMatch == "" && ifNoneMatch == "" && ifUnmodifiedSince == "" {
		return Condition{} // most requests have none, and this allocates nothing
	}
	c := conditionFields{ifMatch: parseTags(ifMatch), ifNoneMatch: parseTags(ifNoneMatch)}
	if !c.ifMatch.sent {
		c.unmodifiedSince, c.hasDate = parseHTTPDate(trimSpace(ifUnmodifiedSince))
	}
	if !c.ifMatch.sent && !c.ifNoneMatch.sent && !c.hasDate {
		return Condition{}
	}
	return Condition{&c}
}

// Check returns nil where a contact whose updated_at is version may be changed, and otherwise
// [Errors] with the status 412, one for the header field that forbids it. Call it on the contact
// that the change is merged into, in the same transaction, and only where the request would
// succeed without the condition (RFC 9110 §13.2.1).
//
// An If-Unmodified-Since is met by a version that is not after the start of its second. A version
// later in that second does not meet it: it may be another change.
func (c Condition) Check(version time.Time) error {
	f := c.fields
	if f == nil {
		return nil
	}
	e := NewError(RulePrecondition, "")
	var tags tagList
	switch {
	case f.ifMatch.sent && !f.ifMatch.has(version, false):
		e.Header, tags = "If-Match", f.ifMatch
	case f.hasDate && version.After(f.unmodifiedSince):
		e.Header = "If-Unmodified-Since"
	case f.ifNoneMatch.sent && (f.ifNoneMatch.broken || f.ifNoneMatch.has(version, true)):
		e.Header, tags = "If-None-Match", f.ifNoneMatch
	default:
		return nil
	}
	switch {
	case tags.broken:
		e.Detail = tagTexts[tagsBroken].text
	case tags.any:
		e.Detail = tagTexts[tagsAny].text
	case e.Header == "If-Match" && tags.altered():
		e.Detail = tagTexts[tagsAltered].text
	}
	return Errors{e}
}

// The failed conditions with a text of their own.
const (
	tagsBroken = iota
	tagsAny
	tagsAltered
)

// tagTexts are the details that a failed condition has in place of the rule's, which says to load
// the contact again.
var tagTexts = [...]textEntry{
	tagsBroken: {"precondition.tags",
		"Send * or entity tags in double quotes, with commas between them."},
	tagsAny: {"precondition.exists",
		"Leave If-None-Match out: with * it asks for a contact that does not exist yet."},
	tagsAltered: {"precondition.altered",
		"Send the ETag as the service sent it: a proxy that compresses has changed this one " +
			"on its way. If it always does, send updated_at in the body instead."},
}

// NotModified reports whether If-None-Match has the version: a GET or HEAD of the contact is then
// to be answered with 304 and no body (RFC 9110 §13.1.2).
func (c Condition) NotModified(version time.Time) bool {
	return c.fields != nil && c.fields.ifNoneMatch.has(version, true)
}

// A tagList is the value of an If-Match or If-None-Match.
type tagList struct {
	sent, broken, any bool
	tags              []string // W/ included
}

// parseTags reads * or a list of entity tags, in which elements may be empty (RFC 9110 §5.6.1.2).
func parseTags(s string) (l tagList) {
	l.sent = s != ""
	if s = trimSpace(s); s == "*" {
		l.any = true
		return l
	}
	for s != "" {
		if s[0] == ',' {
			s = trimSpace(s[1:])
			continue
		}
		n := tagLen(s)
		rest := trimSpace(s[n:])
		if n == 0 || rest != "" && rest[0] != ',' {
			return tagList{sent: true, broken: true}
		}
		l.tags = append(l.tags, s[:n])
		s = rest
	}
	l.broken = l.sent && l.tags == nil
	return l
}

// tagLen returns the length of the entity tag that s begins with, 0 if there is none.
func tagLen(s string) int {
	begin := len(s) - len(strings.TrimPrefix(s, "W/"))
	if begin == len(s) || s[begin] != '"' {
		return 0
	}
	for i := begin + 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return i + 1
		case c <= ' ' || c == 0x7f:
			return 0
		}
	}
	return 0
}

// has compares with the tag of the version. The strong comparison takes no weak tag for equal
// (RFC 9110 §8.8.3.2).
func (l tagList) has(version time.Time, weak bool) bool {
	if l.any {
		return true
	}
	current := ETag(version)
	for _, tag := range l.tags {
		if weak {
			tag = strings.TrimPrefix(tag, "W/")
		}
		if tag == current {
			return true
		}
	}
	return false
}

// altered reports whether a proxy may have changed one of the tags: it is weak, or has a suffix
// after the time, such as -gzip.
func (l tagList) altered() bool {
	for _, tag := range l.tags {
		if strings.HasPrefix(tag, "W/") || strings.Contains(tag, "Z-") {
			return true
		}
	}
	return false
}

// parseHTTPDate reads the three forms of a date in HTTP (RFC 9110 §5.6.7). Package time takes more
// than these forms, and no leap second.
func parseHTTPDate(s string) (t time.Time, ok bool) {
	before, after, leap := strings.Cut(s, ":60 ")
	if leap {
		s = before + ":59 " + after
	}
	for _, form := range [...]string{
		"Mon, 02 Jan 2006 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 GMT", "Mon Jan _2 15:04:05 2006",
	} {
		if t, err := time.Parse(form, s); err == nil && t.Format(form) == s {
			if leap {
				t = t.Add(time.Second)
			}
			return t, true
		}
	}
	return time.Time{}, false
}
