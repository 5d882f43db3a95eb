package contacttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/scope"
	"github.com/partner-contacts/contact/internal/tree"
	"github.com/partner-contacts/contact/schema"
)

// A suite is the state of one part of [TestHandler].
type suite struct {
	t      reporter
	target *Target
	source string
	gen    *Gen
	stored *contact.Contact // the contact that the service must hold
	short  bool
}

func seeded(seed uint64) *Gen { return New(rand.New(rand.NewPCG(seed, 7396))) }

// fresh stores the sample contact.
func (s *suite) fresh() bool { return s.put(Sample()) }

// put stores a contact.
func (s *suite) put(document []byte) bool {
	c, err := contact.ParseStored(document)
	if err == nil {
		c, err = s.target.Put(c)
	}
	switch {
	case err == nil:
		s.stored = c
	case !errors.Is(err, ErrNotStored):
		s.t.Errorf("Put: %v", err)
	}
	return err == nil
}

// A request is a request to the contract's path. Zero fields have the values of a correct request.
type request struct {
	method      string
	id          string
	scopes      []string
	contentType string
	key         string
	header      http.Header
	body        []byte
	authorize   func(*http.Request, ...string)
}

func (s *suite) patch(body []byte) request {
	return request{
		method: http.MethodPatch, id: s.stored.ID.String(), scopes: []string{scope.Update},
		contentType: "application/json", body: body, authorize: s.target.Authorize,
	}
}

// An answer is a response, with its request for the report of a failure.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	request string
}

// send sends a request.
func (s *suite) send(q request) (a answer, ok bool) {
	path := s.target.Path
	if path == "" {
		path = "/v2/partner/contacts/{id}"
	}
	url := strings.TrimSuffix(s.target.URL, "/")
	if url == "" {
		url = "http://127.0.0.1"
	}
	r, err := http.NewRequest(q.method, url+strings.Replace(path, "{id}", q.id, 1), bytes.NewReader(q.body))
	if err != nil {
		s.t.Errorf("%v", err)
		return a, false
	}
	for name, values := range q.header {
		r.Header[name] = values
	}
	for name, value := range map[string]string{"Content-Type": q.contentType, "Idempotency-Key": q.key} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	q.authorize(r, q.scopes...)
	a.request = curl(r, q.body)
	response, err := s.target.do(r)
	if err != nil {
		s.t.Errorf("%s\n%v", a.request, err)
		return a, false
	}
	defer response.Body.Close()
	const most = 32 << 20
	a.body, err = io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil {
		s.t.Errorf("%s\n%v", a.request, err)
		return a, false
	}
	a.status, a.header = response.StatusCode, response.Header
	return a, true
}

// curl returns a request as a curl command. It cuts a long body and leaves out the token.
func curl(r *http.Request, body []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -X %s %s", r.Method, quoteShell(r.URL.String()))
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range r.Header[name] {
			if name == "Authorization" {
				value = "…"
			}
			line := name + ": " + value
			if value == "" {
				line = name + ";" // as curl writes a field that is there and empty
			}
			b.WriteString(" -H " + quoteShell(line))
		}
	}
	if r.Method == http.MethodPatch {
		b.WriteString(" -d " + quoteShell(shortened(body)))
	}
	return b.String()
}

func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func shortened(text []byte) string {
	const most = 2000
	if len(text) > most {
		return fmt.Sprintf("%s… (%d bytes)", text[:most], len(text))
	}
	return string(text)
}

// wrong reports a failure.
func (s *suite) wrong(a answer, format string, args ...any) {
	s.t.Errorf("%s\n\n%s\n\ncame: %d %s\n\nsource: %s",
		fmt.Sprintf(format, args...), a.request, a.status, shortened(a.body), s.source)
}

// expect returns the library's result for a request.
func (s *suite) expect(q request) (merged *contact.Contact, changed contact.FieldSet, err error) {
	update, err := s.parse(q)
	if err != nil {
		return nil, 0, err
	}
	return s.target.Options.Merge(s.stored, update.Patch, time.Now())
}

// parse parses a request with the library.
func (s *suite) parse(q request) (*contact.Update, error) {
	line := func(name string) string {
		if lines, ok := q.header[name]; ok && strings.Join(lines, "") == "" {
			return " " // an empty header field, not an absent one
		}
		return q.header.Get(name)
	}
	key := q.key
	if key == "" {
		key = line("Idempotency-Key")
	}
	return s.target.Options.ParseUpdate(contact.UpdateRequest{
		PathID: q.id, Scopes: q.scopes, ContentType: q.contentType, ContentEncoding: line("Content-Encoding"), IdempotencyKey: key, Body: q.body,
	})
}

// check sends a request and compares the response, and the contact afterwards, with the library's
// result. It reports whether they agree.
func (s *suite) check(q request) bool {
	merged, changed, err := s.expect(q)
	a, ok := s.send(q)
	if !ok || !s.private(a) {
		return false
	}
	if s.unstorable(q) { // whatever else is wrong with it: a service may check this before it merges
		return s.notStored(a) && s.unchanged(a)
	}
	var errs contact.Errors
	if errors.As(err, &errs) {
		return s.refused(a, errs) && s.unchanged(a)
	}
	if err != nil {
		s.t.Errorf("%s\n%v", a.request, err)
		return false
	}
	return s.accepted(a, merged, changed)
}

// unstorable reports whether the service's database cannot hold the values of a valid request.
func (s *suite) unstorable(q request) bool {
	if s.target.Unstorable == nil {
		return false
	}
	u, err := s.parse(q)
	return err == nil && s.target.Unstorable(u) != nil
}

// notStored checks that a response refuses a value that the database cannot hold.
func (s *suite) notStored(a answer) bool {
	entries, err := envelope(a.body)
	if a.status < 400 || a.status > 499 || err != nil || len(entries) == 0 || entries[0].Source.Pointer == nil {
		s.wrong(a, "want a status from 400 to 499 and a pointer: Target.Unstorable says that the store cannot hold this")
		return false
	}
	return true
}

// private reports whether no cache may keep an answer.
func (s *suite) private(a answer) bool {
	if strings.Contains(strings.ToLower(a.header.Get("Cache-Control")), "no-store") {
		return true
	}
	s.wrong(a, "Cache-Control lacks no-store: a contact, and that it exists, is personal data")
	return false
}

// accepted compares a response with the merged contact, which becomes the expected one.
func (s *suite) accepted(a answer, merged *contact.Contact, changed contact.FieldSet) bool {
	if a.status != http.StatusOK {
		s.wrong(a, "want 200 and the contact. If the database cannot hold these values, say so by Target.Unstorable, "+
			"and refuse them with a 4xx and a pointer (for PostgreSQL contacthttp.CheckPostgresColumns and CheckJSONB do it)")
		return false
	}
	got, err := contact.ParseStored(a.body)
	if err != nil {
		s.wrong(a, "the answer is no contact: %v", err)
		return false
	}
	before := s.stored.UpdatedAt
	switch moved := !got.UpdatedAt.Equal(before); {
	case changed == 0 && moved:
		s.wrong(a, "nothing changed, but updated_at did: it was %v", before)
		return false
	case changed != 0 && !got.UpdatedAt.After(before):
		s.wrong(a, "the contact changed, but updated_at is not later than %v", before)
		return false
	}
	comparable := *got
	comparable.UpdatedAt = merged.UpdatedAt
	if found := differences(merged, &comparable); found != "" {
		s.wrong(a, "the contact is wrong:%s", found)
		return false
	}
	s.stored = got
	return true
}

// differences describes the members in which two contacts differ, each on a line of its own. It is ""
// if there are none. The order of an object's members does not matter.
func differences(want, got *contact.Contact) string {
	textWant, textGot := want.AppendJSON(nil), got.AppendJSON(nil)
	if bytes.Equal(textWant, textGot) { // the usual case, and fast
		return ""
	}
	const most = 10
	var text strings.Builder
	n := 0
	a, b := objectOf(textWant), objectOf(textGot)
	for f := range contact.AllFields.All() {
		differ("/"+f.String(), a.Get(f.String()), b.Get(f.String()), func(pointer string, want, got tree.Value) {
			if n++; n <= most {
				a, b := textOf(want), textOf(got)
				same := 0
				for same < min(len(a), len(b)) && a[same] == b[same] {
					same++
				}
				from := max(0, same-100) // so that the first difference is shown
				fmt.Fprintf(&text, "\n%s: want %s, came %s", shorter(pointer, 0), shorter(a, from), shorter(b, from))
			}
		})
	}
	if n > most {
		fmt.Fprintf(&text, "\nand %d more", n-most)
	}
	return text.String()
}

// differ calls found for each value in which two differ, as deep as both are objects.
func differ(pointer string, want, got tree.Value, found func(pointer string, want, got tree.Value)) {
	a, isObject := want.(tree.Object)
	b, both := got.(tree.Object)
	switch {
	case tree.Same(want, got):
	case !isObject || !both:
		found(pointer, want, got)
	default:
		seen := tree.Object{}
		for _, m := range slices.Concat(a, b) {
			if seen.Index(m.Name) < 0 {
				seen = append(seen, m)
				differ(pointer+"/"+tokens.Replace(m.Name), a.Get(m.Name), b.Get(m.Name), found)
			}
		}
	}
}

// tokens escapes a name as a token of a JSON Pointer (RFC 6901 §3).
var tokens = strings.NewReplacer("~", "~0", "/", "~1")

// textOf returns the JSON text of a value, "" of one that is absent.
func textOf(v tree.Value) string {
	if v == tree.Absent {
		return ""
	}
	return string(tree.AppendText(nil, v))
}

// shorter returns a text for a line of its own, cut before from if it is long.
func shorter(text string, from int) string {
	const most = 200
	switch {
	case text == "":
		return "nothing"
	case len(text) > most:
		from = min(from, len(text)-most)
		return fmt.Sprintf("%s… (%d bytes, from byte %d)", strings.ToValidUTF8(text[from:from+most], ""), len(text), from)
	}
	return text
}

// An errorEntry has the compared parts of an error in an envelope.
type errorEntry struct {
	Code   string
	Source struct{ Pointer, Parameter, Header *string }
	Meta   struct {
		Rule          string
		RequiredScope string `json:"required_scope"`
	}
}

func (e errorEntry) String() string {
	text := e.Code
	for _, place := range []struct {
		what string
		at   *string
	}{{"", e.Source.Pointer}, {"parameter ", e.Source.Parameter}, {"header ", e.Source.Header}} {
		if place.at != nil {
			text += fmt.Sprintf(" at %s%q", place.what, *place.at)
		}
	}
	return text
}

// envelope reads a list of errors.
func envelope(body []byte) (entries []errorEntry, err error) {
	var e struct{ Errors []errorEntry }
	err = json.Unmarshal(body, &e)
	return e.Errors, err
}

var errorsSchema = sync.OnceValue(func() *jsonschema.Schema {
	return schema.NewCompiler().MustCompile(schema.Base + "errors.schema.json")
})

// refused compares a response with the errors that the library finds.
func (s *suite) refused(a answer, errs contact.Errors) bool {
	if a.status != errs.Status() {
		s.wrong(a, "want %d: %v", errs.Status(), errs)
		return false
	}
	if !strings.HasPrefix(a.header.Get("Content-Type"), "application/") {
		s.wrong(a, "the Content-Type of errors is %q", a.header.Get("Content-Type"))
		return false
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
	if err == nil {
		err = errorsSchema().Validate(document)
	}
	if err != nil {
		s.wrong(a, "the answer is not of errors.schema.json: %v", err)
		return false
	}
	got, err := envelope(a.body)
	want, wantErr := envelope(errs.AppendJSON(nil))
	if err = errors.Join(err, wantErr); err != nil {
		s.wrong(a, "%v", err)
		return false
	}
	same := slices.EqualFunc(want, got, func(a, b errorEntry) bool {
		return a.String() == b.String() && a.Meta == b.Meta
	})
	if !same {
		s.wrong(a, "want these errors: %s", errs.AppendJSON(nil))
	}
	return same
}

// unchanged checks, with an empty patch, that the contact is as expected after a response.
func (s *suite) unchanged(after answer) bool {
	a, ok := s.send(s.patch([]byte(`{}`)))
	if !ok {
		return false
	}
	got, err := contact.ParseStored(a.body)
	if a.status != http.StatusOK || err != nil {
		s.wrong(a, "want 200 and the contact, after %s", after.request)
		return false
	}
	if found := differences(s.stored, got); found != "" {
		s.wrong(after, "the contact changed:%s", found)
		return false
	}
	return true
}
