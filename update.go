package contact

import (
	"strings"
	"time"

	"github.com/partner-contacts/contact/internal/scope"
)

// ScopeUpdate is the scope that an update requires.
const ScopeUpdate = "partner:contacts:write"

// An UpdateRequest is what an HTTP handler has of a PATCH /v2/partner/contacts/{id} before it has
// read anything from its database. A header field is its value, "" if it is not there, or its lines
// joined by ", " if it came on several (RFC 9110 §5.3). Hand on all of them: a condition that is
// left out is one that is ignored.
type UpdateRequest struct {
	PathID            string   // the path parameter id
	Scopes            []string // those of the bearer token, already authenticated
	ContentType       string   // the header Content-Type
	ContentEncoding   string   // the header Content-Encoding
	IdempotencyKey    string   // the header Idempotency-Key
	IfMatch           string   // the header If-Match
	IfNoneMatch       string   // the header If-None-Match
	IfUnmodifiedSince string   // the header If-Unmodified-Since
	Body              []byte
}

// An Update is a request that is in order.
type Update struct {
	ID             ID
	IdempotencyKey string    // as it was sent, without quotes around it; a UUID unless Options.AnyIdempotencyKey is set
	Condition      Condition // Check it against the contact that the patch is merged into
	Patch          *Patch

	options Options // by which the request was read, and is merged
}

// A MergedDocument is the result of [Update.AppendMerge].
type MergedDocument struct {
	Document []byte    // dst and the document after it
	Changed  FieldSet  // the fields that differ from before; 0 if nothing changed
	Previous time.Time // updated_at of the stored document
	Version  time.Time // updated_at of the result: Previous if nothing changed
}

// ParseUpdate judges everything of an update that needs no database, in stages: first the scope,
// then the media type, then the idempotency key, the path id and the body together, with the body's
// id, if it has one, against the path's. It stops after the first stage that fails; the error is an
// Errors with all faults of that stage, whose Status is the response's. Options.MaxErrors counts
// those of the body, which never push out the others.
//
// A scope has three segments, surface, resource and action, each of which may be * in what a token
// carries; a malformed one grants nothing. Accepted media types are application/json and
// application/merge-patch+json (RFC 7396 §4), with or without parameters; a content coding other
// than identity is refused with 415 too (RFC 9110 §8.4).
func ParseUpdate(req UpdateRequest) (*Update, error) { return Options{}.ParseUpdate(req) }

// ParseUpdate is the function ParseUpdate by these options.
func (o Options) ParseUpdate(req UpdateRequest) (*Update, error) {
	if !scope.Covers(req.Scopes, ScopeUpdate) {
		e := NewError(RuleScope, "")
		e.Header = "Authorization"
		e.Meta.RequiredScope = ScopeUpdate
		return nil, Errors{e}
	}
	var errs Errors
	if !acceptsMediaType(req.ContentType) {
		e := NewError(RuleMediaType, "")
		e.Header = "Content-Type"
		errs = append(errs, e)
	}
	if coding := trimSpace(req.ContentEncoding); coding != "" && !equalFold(coding, "identity") {
		e := NewError(RuleMediaType, "")
		e.Header = "Content-Encoding"
		e.Detail = messageCoding.text()
		errs = append(errs, e)
	}
	if errs != nil {
		return nil, errs
	}
	key := unquoteKey(req.IdempotencyKey)
	if req.IdempotencyKey != "" && (key == "" || !o.acceptsKey(key)) {
		e := NewError(RuleIdempotencyKey, "")
		e.Header = "Idempotency-Key"
		if o.AnyIdempotencyKey {
			e.Detail = messageAnyKey.text()
		}
		errs = append(errs, e)
	}
	id, ok := parseID(req.PathID)
	same := &id
	if !ok {
		e := NewError(RuleUUID, "")
		e.Parameter = "id"
		errs = append(errs, e)
		same = nil
	}
	p, err := o.parsePatch(req.Body, same)
	if err != nil {
		errs = append(errs, err.(Errors)...)
	}
	if errs != nil {
		return nil, errs
	}
	return &Update{
		ID:             id,
		IdempotencyKey: key,
		Condition:      ParseCondition(req.IfMatch, req.IfNoneMatch, req.IfUnmodifiedSince),
		Patch:          p,
		options:        o,
	}, nil
}

// AppendMerge merges the update into the document of the stored contact, as the function
// [AppendMerge] does with a body, and appends the result to dst. The body is not read again.
// It uses the options that the request was read with.
//
// It checks the update's Condition after the merge, as RFC 9110 §13.2.1 demands: a patch that
// cannot be applied is refused for its own faults. The errors are those of AppendMerge and of
// [Condition.Check]. With an error the result is the zero value; dst keeps its bytes.
//
// The result shares no memory with the document or the update. An Update may be merged any number
// of times, by several goroutines at once.
func (u *Update) AppendMerge(dst, document []byte, now time.Time) (MergedDocument, error) {
	m := getScratch()
	defer m.put()
	m.patch = *u.Patch
	m.patchArena.strings = m.strings[:0]
	merged, changed, err := m.apply(&u.options, dst, document, now)
	if err == nil {
		err = u.Condition.Check(m.existing.UpdatedAt)
	}
	if err != nil {
		return MergedDocument{}, err
	}
	return MergedDocument{merged, changed, m.existing.UpdatedAt, m.patch.contact.UpdatedAt}, nil
}

// acceptable compares a media type, which is case-insensitive (RFC 9110 §8.3.1), without its
// parameters.
func acceptsMediaType(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = trimSpace(media)
	return equalFold(media, "application/json") || equalFold(media, "application/merge-patch+json")
}

// equalFold compares s with lower-case text, ignoring the case of its ASCII letters. That of the
// standard library knows all of Unicode, which is more than a media type can be and a WASM build
// should carry.
func equalFold(s, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != lower[i] && (c-'A' > 'Z'-'A' || c|0x20 != lower[i]) {
			return false
		}
	}
	return true
}

// unquoteKey removes the quotes around a key. The draft of the header Idempotency-Key makes it a
// string of RFC 9651, in double quotes; many clients send it without.
func unquoteKey(key string) string {
	if n := len(key); n >= 2 && key[0] == '"' && key[n-1] == '"' {
		return key[1 : n-1]
	}
	return key
}

func (o *Options) acceptsKey(key string) bool {
	if !o.AnyIdempotencyKey {
		_, ok := parseID(key)
		return ok
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return false
		}
	}
	return len(key) <= 128
}

// trimSpace cuts the white space around a header field's value or a part of it: spaces and tabs.
func trimSpace(s string) string {
	return trim(s, func(c byte) bool { return c == ' ' || c == '\t' })
}

// trim cuts off the bytes at both ends that are to be cut. strings.Trim knows all of Unicode, which
// a WASM build should not carry.
func trim(s string, cut func(byte) bool) string {
	for s != "" && cut(s[0]) {
		s = s[1:]
	}
	for s != "" && cut(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
