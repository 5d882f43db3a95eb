package contact

import (
	"slices"

	"github.com/partner-contacts/contact/internal/mergepatch"
	"github.com/partner-contacts/contact/internal/scan"
)

// mergeMeta returns the merged meta_public, whether it differs from old, and its errors.
func (o *Options) mergeMeta(old, patch string) (merged Object, changed bool, errs Errors) {
	text, changed := mergepatch.Merge(make([]byte, 0, len(old)+len(patch)), old, patch)
	if !changed {
		return Object(old), false, nil
	}
	// The limit stops growth: a meta_public over it may still shrink.
	if len(text) > o.maxMeta() && len(text) > len(old) {
		return "", false, Errors{newLimitError(RuleSize, FieldMetaPublic.pointer(), o.maxMeta())}
	}
	if o.deepens(old, patch, view(text)) {
		return "", false, Errors{newLimitError(RuleDepth, FieldMetaPublic.pointer(), o.maxDepth())}
	}
	if cap(text)-len(text) > len(text)/2+128 {
		text = slices.Clone(text) // do not retain the removed members
	}
	merged = Object(view(text))
	return merged, true, metaErrors(o.CheckMeta, merged)
}

// deepens reports whether a patch made meta_public deeper than these options could read again. An
// object over the limit may still become less deep.
func (o *Options) deepens(old, patch, merged string) bool {
	most := o.maxDepth() - 1 // the document's own bracket is one
	if depthOf(patch) <= most {
		return false // the usual case: a shallow patch cannot deepen
	}
	depth := depthOf(merged)
	return depth > most && depth > depthOf(old)
}

// depthOf returns the largest number of open brackets in a valid object.
func depthOf(object string) (depth int) {
	open := 0
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '"':
			for i++; object[i] != '"'; i++ {
				if object[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			open++
			depth = max(depth, open)
		case '}', ']':
			open--
		}
	}
	return depth
}

// metaErrors returns the errors that Options.CheckMeta has for an object, with pointers into the
// body and the missing parts filled in.
func metaErrors(checkMeta func(Object) Errors, o Object) Errors {
	if checkMeta == nil {
		return nil
	}
	errs := slices.Clone(checkMeta(o))
	for i := range errs {
		e := &errs[i]
		if e.Rule == "" {
			e.Rule = RuleMeta
		}
		if e.Code == "" {
			e.Code = e.Rule.info().code
		}
		if e.Detail == "" { // the texts of other rules are about fields
			e.Detail = RuleMeta.info().detail
		}
		if e.Pointer != "" && e.Pointer[0] != '/' {
			e.Pointer = "" // it points nowhere: blame the object
		}
		e.setPointer(scan.CutPointer(FieldMetaPublic.pointer() + e.Pointer))
	}
	return errs
}
