package contact

import "github.com/partner-contacts/contact/internal/scan"

// An errorList collects the errors of a parser, up to the limit, and sorts them: by field, within a
// field in document order, and errors of no field last.
type errorList struct {
	limit   int    // errors worth keeping of one field: one more than are reported
	fields  Errors // of fields
	unknown Errors // of members that are no field, and of the body itself
	last    Field  // the field of the last of fields
	mixed   bool   // fields are not in order
	count   *[fieldCount + 1]int32
}

// unknownMember takes the place of the field in errors of unknown members and of the body itself.
const unknownMember = fieldCount

// firstErrors is the capacity for errors of fields in the first allocation, which also has space
// for one error of no field.
const firstErrors = 5

// add adds an error of f and returns it, or nil if f has reached the limit.
func (l *errorList) add(f Field, rule Rule, pointer string) *Error {
	if l.empty() {
		block := new(struct {
			errs  [firstErrors + 1]Error
			count [fieldCount + 1]int32
		})
		l.fields, l.unknown = block.errs[:0:firstErrors], block.errs[firstErrors:firstErrors]
		l.count = &block.count
	}
	if int(l.count[f]) == l.limit {
		return nil
	}
	l.count[f]++
	errs := &l.unknown
	if f != unknownMember {
		errs = &l.fields
		l.mixed = l.mixed || f < l.last
		l.last = f
	}
	*errs = append(*errs, NewError(rule, pointer))
	e := &(*errs)[len(*errs)-1]
	e.Meta.sortField = f
	return e
}

// empty reports whether nothing has been added.
func (l *errorList) empty() bool { return l.fields == nil }

// sorted returns the errors in order. One error of rule truncated replaces those over the limit.
func (l *errorList) sorted() Errors {
	errs := l.fields
	if l.mixed {
		// A sort from the standard library would add more to a WASM build than this file has.
		errs = make(Errors, 0, len(l.fields)+len(l.unknown))
		for f := range fieldCount {
			for i := range l.fields {
				if l.fields[i].Meta.sortField == f {
					errs = append(errs, l.fields[i])
				}
			}
		}
	}
	errs = append(errs, l.unknown...)
	for i := range errs {
		errs[i].Meta.sortField = 0
	}
	return cut(errs, l.limit-1)
}

// cut truncates errs to most errors and one of rule truncated.
func cut(errs Errors, most int) Errors {
	if len(errs) > most {
		return append(errs[:most:most], newLimitError(RuleTruncated, "", most))
	}
	return errs
}

// withDetail sets the detail of an error that was added; e may be nil.
func (e *Error) withDetail(detail string) {
	if e != nil {
		e.Detail = detail
	}
}

// add adds an error of f. It also stops the parser from storing values, because the contact will
// not be returned. After a syntax error nothing is added: that error is reported alone.
func (p *parser) add(f Field, rule Rule, pointer string) *Error {
	p.keep = 0
	if p.muted || !p.scan.OK() {
		return nil
	}
	return p.errs.add(f, rule, pointer)
}

// addHere adds an error of f at the current member or element.
func (p *parser) addHere(f Field, rule Rule) *Error {
	e := p.add(f, rule, "")
	if e != nil {
		e.setPointer(p.scan.Pointer())
	}
	return e
}

// addDuplicates adds the repeated members that the scanner has met in a value of f.
func (p *parser) addDuplicates(f Field) {
	for _, at := range p.scan.Duplicates {
		if e := p.add(f, RuleDuplicate, ""); e != nil {
			e.setPointer(at)
		}
	}
	p.scan.Duplicates = p.scan.Duplicates[:0]
}

// result returns the errors in order, or nil.
func (p *parser) result() error {
	if fault, offset := p.scan.Fault(); fault != scan.None {
		return Errors{newScanError(fault, offset, p.scan.MaxDepth())}
	}
	if p.errs.empty() {
		return nil
	}
	return p.errs.sorted()
}
