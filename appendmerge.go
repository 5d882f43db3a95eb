package contact

import "time"

// AppendMerge is ParseStored, ParsePatch, Merge and AppendJSON in one, for a program that has no use for the contact
// itself: it applies the body of an update to the document of a stored contact, appends the document of the result to dst,
// byte for byte the one that the four would make, and returns the set of fields that differ from before.
//
// For a body that is refused the error is an Errors: that of ParsePatch or else that of Merge. A document that ParseStored
// would refuse is the store's fault: a [StoreError]. With an error dst comes back as it was and the set is empty. The
// result shares no memory with the document or the body; dst must not overlap with them.
func AppendMerge(dst, document, body []byte, now time.Time) (merged []byte, changed FieldSet, err error) {
	return Options{}.AppendMerge(dst, document, body, now)
}

// AppendMerge is the function AppendMerge by these options.
func (o Options) AppendMerge(dst, document, body []byte, now time.Time) (_ []byte, changed FieldSet, err error) {
	p, err := o.ParsePatch(body)
	if err != nil {
		return dst, 0, err
	}
	existing, err := o.ParseStored(document)
	if err != nil {
		return dst, 0, err
	}
	merged, changed, err := o.Merge(existing, p, now)
	if err != nil {
		return dst, 0, err
	}
	return merged.AppendJSON(dst), changed, nil
}
