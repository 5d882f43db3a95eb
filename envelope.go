package contact

import (
	"strconv"

	"github.com/partner-contacts/contact/internal/scan"
)

// AppendJSON appends the API's error envelope,
// {"errors":[{"code","title","detail","source","meta"}]}. json.Marshal writes the same bytes.
func (es Errors) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"errors":[`...)
	for i := range es {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = es[i].appendJSON(dst)
	}
	return append(dst, "]}"...)
}

// MarshalJSON returns the envelope that AppendJSON appends. It never fails.
func (es Errors) MarshalJSON() ([]byte, error) { return es.AppendJSON(nil), nil }

// MarshalJSON returns the error as one entry of the envelope. It never fails.
func (e Error) MarshalJSON() ([]byte, error) { return e.appendJSON(nil), nil }

func (e *Error) appendJSON(dst []byte) []byte {
	dst = appendPair(dst, `{"code":`, string(e.Code))
	dst = appendPair(dst, `,"title":`, e.Title())
	dst = appendPair(dst, `,"detail":`, e.Detail)
	switch {
	case e.Parameter != "":
		dst = append(appendPair(dst, `,"source":{"parameter":`, e.Parameter), '}')
	case e.Header != "":
		dst = append(appendPair(dst, `,"source":{"header":`, e.Header), '}')
	case e.Pointer != "" || !e.custom.noSource:
		dst = append(appendPair(dst, `,"source":{"pointer":`, e.Pointer), '}')
	}
	dst = appendPair(dst, `,"meta":{"rule":`, string(e.Rule))
	if e.Meta.Suggestion != "" {
		dst = appendPair(dst, `,"suggestion":`, e.Meta.Suggestion)
	}
	if e.Rule == RuleSyntax || e.Rule == RuleDepth {
		dst = appendCount(append(dst, `,"offset":`...), e.Meta.Offset)
	}
	if e.Meta.Limit > 0 {
		dst = appendCount(append(dst, `,"limit":`...), e.Meta.Limit)
	}
	if e.Meta.RequiredScope != "" {
		dst = appendPair(dst, `,"required_scope":`, e.Meta.RequiredScope)
	}
	if e.Meta.PointerTruncated {
		dst = append(dst, `,"pointer_truncated":true`...)
	}
	if e.Meta.RequestID != "" {
		dst = appendPair(dst, `,"request_id":`, e.Meta.RequestID)
	}
	return append(dst, "}}"...)
}

// appendPair appends a key with its punctuation and a string. It is not inlined: each copy would
// make the small build larger.
//
//go:noinline
func appendPair(dst []byte, key, value string) []byte {
	return scan.AppendString(append(dst, key...), value, true)
}

// appendCount appends a count. A negative count, which only an Error made by hand can have, is
// written as 0.
func appendCount(dst []byte, n int) []byte { return strconv.AppendInt(dst, int64(max(n, 0)), 10) }
