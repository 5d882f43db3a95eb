package contact

import (
	"strings"
	"time"

	"github.com/partner-contacts/contact/internal/scope"
)

// An UpdateRequest is the part of a PATCH /v2/partner/contacts/{id} that an HTTP handler knows
// before it reads its database. A header field is its value, or "" if it is absent. If it came on
// several lines, join them with ", " (RFC 9110 §5.3). Pass all of them: a condition that is left
// out is ignored.
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

// An Update is a request that has passed every check that needs no database.
type Update struct {
	ID             ID
	IdempotencyKey string    // without quotes; a UUID unless Options.AnyIdempotencyKey is set
	Condition      Condition // Check it against the contact that the patch is merged into
	Patch          *Patch

	options Options // by which the request was read, and is merged
}

// ParseUpdate checks all parts of an update request that need no database, in stages. The first is
// the scope, the second the media type. The third is the idempotency key, the path id and the body
// together; an id in the body must equal that of the path. It stops after the first stage that
// fails. The error is an [Errors] with all faults of that stage, and its Status is that of the
// response. Options.MaxErrors limits the errors of the body only.
//
// A scope has three segments: surface, resource and action. In a token's scope each may be *; a
// malformed scope grants nothing. The media types accepted are application/json and
// application/merge-patch+json (RFC 7396 §4), with or without parameters. A content coding other
// than identity is refused with 415 too (RFC 9110 §8.4).
func ParseUpdate(req UpdateRequest) (*Update, error) { return Options{}.ParseUpdate(req) }

// ParseUpdate is the function [ParseUpdate] with these options.
func (o Options) ParseUpdate(req UpdateRequest) (*Update, error) {
	if !scope.Covers(req.Scopes, scope.Update) {
		e := NewError(RuleScope, "")
		e.Header = "Authorization"
		e.Meta.RequiredScope = scope.Update
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
	u := &Update{IdempotencyKey: key, options: o}
	id, ok := parseID(req.PathID)
	u.ID = id
	pathID := &u.ID
	if !ok {
		e := NewError(RuleUUID, "")
		e.Parameter = "id"
		errs = append(errs, e)
		pathID = nil
	}
	p, err := o.parsePatch(req.Body, pathID)
	if err != nil {
		errs = append(errs, err.(Errors)...)
	}
	if errs != nil {
		return nil, errs
	}
	u.Patch = p
	u.Condition = ParseCondition(req.IfMatch, req.IfNoneMatch, req.IfUnmodifiedSince)
	return u, nil
}

// AppendMerge merges the update into the document of the stored contact, as the function
// [AppendMerge] does with a body, and appends the result to dst. The body is not read again.
// It uses the options that the request was read with.
//
// It checks the update's Condition after the merge, as RFC 9110 §13.2.1 demands: a patch that
// cannot be applied is refused for its own faults. The errors are those of AppendMerge and of
// [Condition.Check]. With an error merged is dst as it was, and the other results are zero.
//
// before and after are the versions: updated_at of the stored document and of the result. They are
// equal if nothing changed.
//
// The result shares no memory with the document or the update. An Update may be merged any number
// of times, by several goroutines at once. A nil update or patch is [ErrNil].
func (u *Update) AppendMerge(dst, document []byte, now time.Time) (
	merged []byte, changed FieldSet, before, after time.Time, err error,
) {
	if u == nil || u.Patch == nil {
		return dst, 0, time.Time{}, time.Time{}, ErrNil
	}
	m := getScratch()
	defer m.put()
	m.patch = *u.Patch
	m.patchArena.strings = m.strings[:0]
	merged, changed, err = m.apply(&u.options, dst, document, now)
	if err == nil {
		err = u.Condition.Check(m.existing.UpdatedAt)
	}
	if err != nil {
		return dst, 0, time.Time{}, time.Time{}, err
	}
	return merged, changed, m.existing.UpdatedAt, m.patch.contact.UpdatedAt, nil
}

// acceptsMediaType reports whether a media type is accepted. It ignores case (RFC 9110 §8.3.1) and
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

// trimSpace cuts the white space around a header field's value or a part of it.
func trimSpace(s string) string {
	return strings.TrimFunc(s, func(c rune) bool { return c == ' ' || c == '\t' })
}
