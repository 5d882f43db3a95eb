//go:build !wasm

package contact

import "strings"

// deepens reports whether a patch has made meta_public deeper than these options would read again.
// What is too deep already may still shrink.
func (o *Options) deepens(old, patch, merged string) bool {
	most := o.maxDepth() - 1 // the document's own bracket is one
	return tooDeep(patch, most) && tooDeep(merged, most) && !tooDeep(old, most)
}

// tooDeep reports whether more than most brackets are open somewhere in an object.
func tooDeep(object string, most int) bool {
	if strings.Count(object, "{")+strings.Count(object, "[") <= most {
		return false // as good as always
	}
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
			if open++; open > most {
				return true
			}
		case '}', ']':
			open--
		}
	}
	return false
}
