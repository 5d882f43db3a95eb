package contact

// deepens reports whether a patch has made meta_public deeper than these options would read again.
// What is too deep already may still shrink.
func (o *Options) deepens(old, patch, merged string) bool {
	most := o.maxDepth() - 1 // the document's own bracket is one
	if depthOf(patch) <= most {
		return false // as good as always
	}
	depth := depthOf(merged)
	return depth > most && depth > depthOf(old)
}

// depthOf returns how many brackets are open at most in an object that was read.
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
