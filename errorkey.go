//go:build !wasm

package contact

import (
	"strings"

	"github.com/partner-contacts/contact/internal/scan"
)

// Key returns the key by which a translation of Title and Detail is looked up. It is as stable as
// the rule, and is the rule unless that has several texts: then it begins with it, as in
// type.boolean, syntax.comma or size.body. An error of a service's own, or one whose Detail has
// been replaced, has the rule's.
func (e Error) Key() string {
	if e.Code == CodeBodyTooLarge {
		return "size.body"
	}
	if key := detailKeys[e.Detail]; strings.HasPrefix(key, string(e.Rule)+".") {
		return key
	}
	return string(e.Rule)
}

// detailKeys has the keys of the texts that rules have besides their own. They are found by the
// text, which tells them apart, so that an Error carries no more for them.
var detailKeys = func() map[string]string {
	keys := map[string]string{
		detailOptional:   "null.optional",
		detailText:       "type.utf8",
		detailNoValue:    "syntax.none",
		detailUnsaid:     "meta.null",
		detailReplace:    "meta.replace",
		detailAnyKey:     "key.any",
		detailCoding:     "media_type.coding",
		detailTags:       "precondition.tags",
		detailDocument:   "size.document",
		detailCutVersion: "stale.precision",
	}
	for k, detail := range typeDetails {
		keys[detail] = "type." + Kind(k).String()
	}
	for fault := scan.None + 1; fault < scan.Depth; fault++ {
		keys[fault.String()] = "syntax." + fault.Name()
	}
	return keys
}()
