//go:build !contact_small

package contact

import (
	"iter"
	"slices"
	"strings"

	"github.com/partner-contacts/contact/internal/limits"

	"github.com/partner-contacts/contact/internal/scan"
)

// Translate returns the errors in another language. For each it calls texts, which looks up title
// and detail by [Error.MessageKey] and inserts the values of Meta. An empty text leaves the English
// one. missing lists the keys with such a text, each once, in the order of the errors: log them,
// and add them to the catalogue. Translate once: the keys are those of the English texts.
func (es Errors) Translate(texts func(Error) (title, detail string)) (
	translated Errors, missing []string,
) {
	translated = slices.Clone(es)
	for i, e := range es {
		title, detail := texts(e)
		if title != "" {
			translated[i].setTitle(title)
		}
		if detail != "" {
			translated[i].Detail = detail
		}
		english := title == "" && e.Title() != "" || detail == "" && e.Detail != ""
		if key := e.MessageKey(); english && !slices.Contains(missing, key) {
			missing = append(missing, key)
		}
	}
	return translated, missing
}

// MessageKey returns the key of the error's texts, by which a translation finds its own. The key is
// as stable as the rule. It is the rule itself if the rule has one text. Otherwise it begins with
// the rule, as in type.boolean, syntax.comma or size.body. If Detail is not one of the library's,
// as in errors of [Options.CheckMeta], the key ends in .own, as in meta.own: a translation of the
// rule's text would be wrong there. For a rule of a service's own the key is the rule.
func (e Error) MessageKey() string {
	r := e.Rule.info()
	if r == &customRule || e.Detail == r.detail || e.Detail == "" {
		return string(e.Rule)
	}
	if e.Detail == RuleMeta.info().detail {
		return string(RuleMeta) // CheckMeta gave no detail, so metaErrors filled in this one
	}
	if key := detailKeys[e.Detail]; strings.HasPrefix(key, string(e.Rule)+".") {
		return key
	}
	if e.Code == codeBodyTooLarge && e.Detail == newSizeError(e.Meta.Limit).Detail {
		return "size.body"
	}
	return string(e.Rule) + ".own"
}

// Messages yields the key of each text of the library, by rule, with an English error of that text:
// the list for a translation to cover. Meta.Limit is set where errors with the key have a limit.
// Texts of a service are left out: errors of [NewServiceError], and those whose key ends in .own.
//
// The keys come in the order of their importance, so a catalogue may grow from its beginning. First
// are the faults of a value that a person entered. Then come those of a contact that somebody else
// changed, of limits, of a program's request, and at the end those of JSON syntax.
func Messages() iter.Seq2[string, Error] {
	return func(yield func(string, Error) bool) {
		for i := range rules {
			for _, e := range messageEntries(&rules[i]) {
				if !yield(e.MessageKey(), e) {
					return
				}
			}
		}
	}
}

// messageEntries returns an error for each text of a rule, the rule's own text first.
func messageEntries(r *ruleInfo) (found []Error) {
	limit := 0
	switch r.rule {
	case RuleDepth:
		limit = limits.MaxDepth
	case RuleTruncated:
		limit = limits.MaxErrors
	case RuleSize:
		limit = limits.MaxMeta
		found = []Error{newSizeError(limits.MaxBytes)}
	}
	one := newLimitError(r.rule, "", limit)
	found = append([]Error{one}, found...)
	for _, d := range detailTexts {
		if one.Detail = d.text; !strings.HasPrefix(d.key, string(r.rule)+".") {
			continue
		}
		if d.key == messages[messageDocument].key {
			one = newDocumentError(limits.MaxDocument)
		}
		found = append(found, one)
	}
	return found
}

// A textEntry is a text that a rule has besides its own, and its key.
type textEntry struct{ key, text string }

// detailTexts are all such texts: those of the table, and one for each kind, enum and fault of
// JSON.
var detailTexts = func() (all []textEntry) {
	for _, m := range messages {
		all = append(all, textEntry(m))
	}
	all = append(all, tagTexts[:]...)
	for k, text := range typeDetails {
		if k := Kind(k); k != KindEnum { // it has the text of a string
			all = append(all, textEntry{"type." + k.String(), text})
		}
	}
	for _, e := range enums {
		all = append(all, textEntry{"enum." + e.field.String(), e.detail})
	}
	for fault := scan.None + 1; fault < scan.Depth; fault++ {
		all = append(all, textEntry{"syntax." + fault.Name(), fault.String()})
	}
	return all
}()

// detailKeys finds a text's key. The text tells errors of one rule apart, so that an Error carries
// no more for it.
var detailKeys = func() map[string]string {
	keys := make(map[string]string, len(detailTexts))
	for _, d := range detailTexts {
		keys[d.text] = d.key
	}
	return keys
}()
