package contact

import "strings"

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
	IdempotencyKey string    // as it was sent; a UUID unless Options.AnyIdempotencyKey is set
	Condition      Condition // Check it against the contact that the patch is merged into
	Patch          *Patch
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
	if !HasScope(req.Scopes, ScopeUpdate) {
		e := NewError(RuleScope, "")
		e.Header = "Authorization"
		e.Meta.RequiredScope = ScopeUpdate
		return nil, Errors{e}
	}
	if !acceptsMediaType(req.ContentType) {
		e := NewError(RuleMediaType, "")
		e.Header = "Content-Type"
		return nil, Errors{e}
	}
	if coding := trimSpace(req.ContentEncoding); coding != "" && !equalFold(coding, "identity") {
		e := NewError(RuleMediaType, "")
		e.Header = "Content-Encoding"
		e.Detail = messageCoding.text()
		return nil, Errors{e}
	}
	var errs Errors
	if req.IdempotencyKey != "" && !o.acceptsKey(req.IdempotencyKey) {
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
		IdempotencyKey: req.IdempotencyKey,
		Condition:      ParseCondition(req.IfMatch, req.IfNoneMatch, req.IfUnmodifiedSince),
		Patch:          p,
	}, nil
}

// HasScope reports whether one of the scopes of a token covers the required one, segment by
// segment: partner:*:write covers partner:contacts:write. A malformed scope, one with more or fewer
// segments among them, covers nothing.
func HasScope(scopes []string, required string) bool {
	for _, scope := range scopes {
		if covers(scope, required) {
			return true
		}
	}
	return false
}

// covers compares segment by segment. A scope with more or fewer segments covers nothing.
func covers(scope, required string) bool {
	for {
		have, restHave, moreHave := strings.Cut(scope, ":")
		want, restWant, moreWant := strings.Cut(required, ":")
		if have != want && have != "*" || moreHave != moreWant {
			return false
		}
		if !moreHave {
			return true
		}
		scope, required = restHave, restWant
	}
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
