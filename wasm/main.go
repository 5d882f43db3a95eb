// Command wasm is the contact engine for WebAssembly: a WASI reactor that answers calls with the functions of
// package contact, so that a page judges a form by the code that judges the request.
//
// # Memory protocol
//
// The host asks for room with buffer(n), writes its arguments there one after another, each as its length in bytes
// (32 bits, little endian) and then the bytes, and calls
//
//	call(op, n, requireComplete, ignoreUnknown, allowStale, anyIdempotencyKey, maxBytes, maxDepth, maxErrors, maxMeta,
//		maxDocument, versionResolution, timestampResolution) -> pointer
//
// with the operation, the number of bytes written and the Options of the call. Nothing is kept from one call to the next.
//
// The answer 0 says: accepted, and there is nothing to tell. Any other answer points at a length (32 bits, little
// endian) and a text of that length, which stays until the next call of buffer or call. It is the JSON of the verdict:
// {"ok":true} with what there is beside the document, U+001E, which no JSON text holds unescaped, and the document; or
// {"ok":false} with the status and the errors. Where the errors are all that is asked for they come in a short form; see
// verdict. A text that begins with ! names a fault of the caller's or of this program's.
//
// A panic is answered as such a fault and leaves the instance usable. What nothing can recover from (memory exhausted,
// a stack overflow) ends in proc_exit or a trap; the instance is dead then and the host starts another.
package main

import (
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/scan"
)

func main() {}

// maxInput is the most one call may hand over, about twenty default body limits: enough for every use with the limits
// on, and a bound on what a page can make the instance allocate.
const maxInput = 64 << 20

// maxArgs is the most arguments an operation takes.
const maxArgs = 5

// separator stands between the parts of an answer and between scopes.
const separator = "\x1e"

// A fault is an error of the caller or of this program, as opposed to a refusal of the data.
type fault string

func (f fault) Error() string { return string(f) }

// An operation appends its result to dst, which stays empty where the verdict is all there is.
type operation func(dst []byte, o contact.Options, args *[maxArgs][]byte) ([]byte, error)

// operations has the number of arguments and the code of each operation, and whether its answer is a verdict; the index is
// its number, which the host's list repeats (src/contact.ts).
var operations = [...]struct {
	args    int
	verdict bool
	run     operation
}{
	0:  {0, false, about},
	1:  {0, false, timezones},
	2:  {1, true, check},
	3:  {1, true, checkPatch},
	4:  {2, true, checkField},
	5:  {1, false, parse},
	6:  {1, false, parseStored},
	7:  {1, false, parsePatch},
	8:  {3, false, merge},
	9:  {2, false, diff},
	10: {3, false, merge3},
	11: {5, false, parseUpdate},
}

// answer runs one operation on the framed arguments in input and appends what it has to tell to dst.
func answer(dst []byte, op uint32, o contact.Options, input []byte) (result []byte) {
	start := len(dst)
	defer func() {
		if recover() != nil {
			result = add(dst[:start], "!internal error")
		}
	}()
	if op >= uint32(len(operations)) {
		return add(dst, "!no such operation")
	}
	run := &operations[op]
	var args [maxArgs][]byte
	for i := range run.args {
		if len(input) < 4 {
			return add(dst, "!argument missing")
		}
		n := uint64(input[0]) | uint64(input[1])<<8 | uint64(input[2])<<16 | uint64(input[3])<<24
		if input = input[4:]; n > uint64(len(input)) {
			return add(dst, "!argument longer than the input")
		}
		args[i], input = input[:n:n], input[n:]
	}
	if len(input) > 0 {
		return add(dst, "!bytes after the last argument")
	}
	result, err := run.run(dst, o, &args)
	if err == nil {
		return result
	}
	refusal, ok := err.(contact.Errors)
	status := refusal.Status()
	if store, stored := err.(*contact.StoreError); stored {
		refusal, ok, status = store.Errors(), true, 500
	}
	if !ok {
		return add(add(dst[:start], "!"), err.Error())
	}
	if run.verdict {
		return verdict(dst[:start], refusal)
	}
	dst = add(dst[:start], `{"ok":false,"status":`)
	dst = append(dst, byte('0'+status/100), byte('0'+status/10%10), byte('0'+status%10))
	// The envelope is an object: its first brace gives way to the comma.
	brace := len(dst)
	dst = refusal.AppendJSON(dst)
	dst[brace] = ','
	return dst
}

// add is append, once: the compiler writes some 400 bytes for each append of a string.
//
//go:noinline
func add(dst []byte, s string) []byte { return append(dst, s...) }

// accepted opens the answer for a document that comes with nothing else.
const accepted = `{"ok":true}` + separator

// samples has an error of each rule that many errors in one body may be of.
var samples = func() contact.Errors {
	patch, _ := contact.CheckPatch([]byte(`{"city":1,"id":null,"type":"","team_id":"","birthdate":"","timezone":"","inserted_at":"","x":1,"x":1}`)).(contact.Errors)
	whole, _ := contact.Check([]byte("{}")).(contact.Errors)
	return append(patch, whole[0])
}()

// verdict appends a JSON array with one item for each error. Most errors are, but for where they are, like the sample of
// their rule, which the host has from about. Of these there is an array of the rule, the pointer and, if there is more to
// tell, the suggestion or "", and the detail or "" if it is the sample's. The others are what they are in an envelope.
func verdict(dst []byte, errs contact.Errors) []byte {
	start := len(dst)
next:
	for i := range errs {
		e := &errs[i]
		for j := range samples {
			s := &samples[j]
			if s.Rule != e.Rule || s.Code != e.Code || e.Meta.PointerTruncated {
				continue
			}
			dst = append(append(append(dst, `,["`...), e.Rule...), `",`...)
			dst = scan.AppendString(dst, e.Pointer, false)
			if same := e.Detail == s.Detail; !same || e.Meta.Suggestion != "" {
				dst = append(append(append(dst, `,"`...), e.Meta.Suggestion...), `",`...)
				if same {
					dst = append(dst, `""`...)
				} else {
					dst = scan.AppendString(dst, e.Detail, false)
				}
			}
			dst = append(dst, ']')
			continue next
		}
		text, _ := e.MarshalJSON()
		dst = append(append(dst, ','), text...)
	}
	dst[start] = '['
	return append(dst, ']')
}

// about tells what a host needs: the names of the Options in the order of call, the version of the timezone names, the
// samples by rule, and of each field what a form is built from.
func about(dst []byte, _ contact.Options, _ *[maxArgs][]byte) ([]byte, error) {
	dst = add(dst, `{"options":["requireComplete","ignoreUnknown","allowStale","anyIdempotencyKey","maxBytes","maxDepth","maxErrors","maxMeta","maxDocument","versionResolution","timestampResolution"],`)
	dst = add(dst, `"tzdb":"`+contact.TZDBVersion+`","samples":`)
	brace := len(dst)
	for i := range samples {
		dst = scan.AppendString(add(dst, `,`), string(samples[i].Rule), false)
		text, _ := samples[i].MarshalJSON()
		dst = append(add(dst, `:`), text...)
	}
	dst[brace] = '{'
	dst = add(dst, `},"fields":[`)
	for f := contact.Field(0); contact.AllFields.Has(f); f++ {
		dst = add(dst, comma[min(f, 1)])
		dst = add(add(dst, `{"name":"`), f.String())
		dst = add(add(dst, `","kind":"`), f.Kind().String())
		required, writable := contact.RequiredFields.Has(f), contact.WritableFields.Has(f)
		dst = add(add(dst, `","required":`), boolean(required))
		dst = add(add(dst, `,"writable":`), boolean(writable))
		dst = add(add(dst, `,"clearable":`), boolean(writable && !required))
		if values := f.Values(); values != nil {
			dst = add(dst, `,"values":[`)
			for i, v := range values {
				dst = scan.AppendString(add(dst, comma[min(i, 1)]), v, true)
			}
			dst = add(dst, `]`)
		}
		dst = add(dst, `}`)
	}
	return add(dst, `]}`), nil
}

// comma goes before the first item of a list and before the others.
var comma = [...]string{"", ","}

func boolean(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func timezones(dst []byte, _ contact.Options, _ *[maxArgs][]byte) ([]byte, error) {
	between := ""
	for name := range contact.Timezones() {
		dst = add(add(dst, between), name)
		between = separator
	}
	return dst, nil
}

func check(dst []byte, o contact.Options, args *[maxArgs][]byte) ([]byte, error) {
	return dst, o.Check(args[0])
}

func checkPatch(dst []byte, o contact.Options, args *[maxArgs][]byte) ([]byte, error) {
	return dst, o.CheckPatch(args[0])
}

func checkField(dst []byte, o contact.Options, args *[maxArgs][]byte) ([]byte, error) {
	f, ok := contact.FieldByName(string(args[0]))
	if !ok {
		return dst, fault("no such field")
	}
	return dst, o.CheckField(f, args[1])
}

func parse(dst []byte, o contact.Options, args *[maxArgs][]byte) ([]byte, error) {
	c, err := o.Parse(args[0])
	if err != nil {
		return dst, err
	}
	return c.AppendJSON(add(dst, accepted)), nil
}

func parseStored(dst []byte, o contact.Options, args *[maxArgs][]byte) ([]byte, error) {
	c, err := o.ParseStored(args[0])
	if err != nil {
		return dst, err
	}
	return c.AppendJSON(add(dst, accepted)), nil
}

func parsePatch(dst []byte, o contact.Options, args *[maxArgs][]byte) ([]byte, error) {
	p, err := o.ParsePatch(args[0])
	if err != nil {
		return dst, err
	}
	return p.AppendJSON(add(dst, accepted)), nil
}

// stored reads a contact the caller holds, by the default rules. That it does not parse is the caller's fault, not that
// of the data judged.
func stored(name string, body []byte) (*contact.Contact, error) {
	c, err := contact.ParseStored(body)
	if err != nil {
		return nil, fault(name + ": " + err.Error())
	}
	return c, nil
}

// merge takes the document of the existing contact, the patch and the time, which may stand in quotes, "" for none; it
// gives the names of the fields that changed and the merged document.
func merge(dst []byte, o contact.Options, args *[maxArgs][]byte) ([]byte, error) {
	var now time.Time
	if text := string(args[2]); text != "" {
		if len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' {
			text = text[1 : len(text)-1]
		}
		var err error
		if now, err = contact.ParseTimestamp(text); err != nil {
			return dst, fault("now: not a timestamp")
		}
	}
	merged, changed, err := o.AppendMerge(nil, args[0], args[1], now)
	if _, broken := err.(*contact.StoreError); broken {
		return dst, fault("existing: " + err.Error())
	}
	if err != nil {
		return dst, err
	}
	dst = add(dst, `{"ok":true,"changed":[`)
	between := ""
	for f := range changed.All() {
		dst = scan.AppendString(add(dst, between), f.String(), false)
		between = ","
	}
	return append(add(dst, `]}`+separator), merged...), nil
}

// diff takes two contacts and gives the patch from the first to the second.
func diff(dst []byte, _ contact.Options, args *[maxArgs][]byte) ([]byte, error) {
	from, err := stored("from", args[0])
	if err != nil {
		return dst, err
	}
	to, err := stored("to", args[1])
	if err != nil {
		return dst, err
	}
	p, err := contact.Diff(from, to)
	if err != nil {
		return dst, err
	}
	return p.AppendJSON(add(dst, accepted)), nil
}

// merge3 takes base, ours and theirs; it gives the conflicts, their values as JSON texts in strings and left out where
// they are absent, and the merged contact.
func merge3(dst []byte, _ contact.Options, args *[maxArgs][]byte) ([]byte, error) {
	var c [3]*contact.Contact
	for i, name := range [...]string{"base", "ours", "theirs"} {
		var err error
		if c[i], err = stored(name, args[i]); err != nil {
			return dst, err
		}
	}
	merged, conflicts, err := contact.Merge3(c[0], c[1], c[2], nil)
	if err != nil {
		return dst, err
	}
	dst = add(dst, `{"ok":true,"conflicts":[`)
	for i, conflict := range conflicts {
		dst = scan.AppendString(add(add(dst, comma[min(i, 1)]), `{"pointer":`), conflict.Pointer, false)
		for _, side := range [...][2]string{
			{`,"base":`, conflict.Base}, {`,"ours":`, conflict.Ours}, {`,"theirs":`, conflict.Theirs},
		} {
			if side[1] != "" {
				dst = scan.AppendString(add(dst, side[0]), side[1], false)
			}
		}
		if conflict.PointerTruncated {
			dst = add(dst, `,"pointer_truncated":true`)
		}
		dst = add(dst, `}`)
	}
	return merged.AppendJSON(add(dst, `]}`+separator)), nil
}

// parseUpdate takes the path id, the content type, the idempotency key, the scopes separated by U+001E and the body;
// it gives the id, the key and the patch.
func parseUpdate(dst []byte, o contact.Options, args *[maxArgs][]byte) ([]byte, error) {
	var scopes []string
	for text := string(args[3]); text != ""; {
		n := 0
		for n < len(text) && text[n] != separator[0] {
			n++
		}
		scopes = append(scopes, text[:n])
		text = text[min(n+1, len(text)):]
	}
	u, err := o.ParseUpdate(contact.UpdateRequest{
		PathID:         string(args[0]),
		ContentType:    string(args[1]),
		IdempotencyKey: string(args[2]),
		Scopes:         scopes,
		Body:           args[4],
	})
	if err != nil {
		return dst, err
	}
	dst = scan.AppendString(add(dst, `{"ok":true,"id":`), u.ID.String(), false)
	dst = scan.AppendString(add(dst, `,"idempotencyKey":`), u.IdempotencyKey, false)
	return u.Patch.AppendJSON(add(dst, `}`+separator)), nil
}
