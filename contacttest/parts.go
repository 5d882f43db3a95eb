package contacttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/scope"
	"github.com/partner-contacts/contact/internal/tree"
)

// A part is one part of the contract.
type part struct {
	name   string // of the subtest
	source string // the document that it follows
	needs  func(*Target) bool
	run    func(*suite)
}

const page = "the reference page of updateContact"

// parts is the contract, part by part.
var parts = []part{
	{"set", page + "; RFC 5789 §2", nil, (*suite).set},
	{"clear", "RFC 7396 §1", nil, (*suite).clear},
	{"absent", "RFC 7396 §2: what a patch has not stays", nil, (*suite).absent},
	{"no change", "docs/semantics.md: a patch equal to what is there changes nothing", nil, (*suite).noChange},
	{"arrays", "RFC 7396 §1: an array is replaced as a whole", nil, (*suite).arrays},
	{"meta_public", "RFC 7396, appendix A", nil, (*suite).meta},
	{"numbers", "docs/semantics.md: the text of a number is kept digit for digit", nil, (*suite).numbers},
	{"spelling", "RFC 8259 §7 and §8.3; RFC 9562 §4; RFC 3339 §5.6", nil, (*suite).spelling},
	{"type", page + ": types, and booleans that are never coerced", nil, rules(contact.RuleType)},
	{"values", "RFC 9562 §4, RFC 3339 §5.6, tzdb", nil, rules(contact.RuleEnum, contact.RuleUUID,
		contact.RuleDate, contact.RuleTimestamp, contact.RuleTimezone)},
	{"null", "RFC 7396 §2: a required field cannot be cleared", nil, rules(contact.RuleNull)},
	{"unknown", page + ": its fields and no others; names are compared byte for byte", nil, rules(contact.RuleUnknown)},
	{"duplicate", "RFC 8259 §4, RFC 7493 §2.3", nil, rules(contact.RuleDuplicate)},
	{"syntax", "RFC 8259; status 400", nil, (*suite).syntax},
	{"size and depth", "docs/semantics.md: limits; RFC 9110 §15.5.14", nil, (*suite).limits},
	{"all errors", "docs/semantics.md: one entry per fault, in the order of the fields", nil, (*suite).allErrors},
	{"scopes", page + ": 401 scope_missing, wildcards", func(t *Target) bool { return !t.SingleScopeToken },
		(*suite).scopes},
	{"media types", "RFC 7396 §4, RFC 9110 §15.5.16", nil, (*suite).mediaTypes},
	{"path", page + ": the path parameter id", nil, (*suite).paths},
	{"identity", "AIP-203 IMMUTABLE", nil, (*suite).identity},
	{"versions", "docs/semantics.md: updated_at in a patch; 409", nil, (*suite).versions},
	{"silence", "docs/semantics.md: no answer holds a submitted value", nil, (*suite).silence},
	{"random", "the library", nil, (*suite).random},
	{"writers", "docs/semantics.md: versions never repeat, no update is lost", nil, (*suite).writers},
	{"read", "RFC 9110 §9.3.1, §9.3.2, §10.2.1, §13.1", func(t *Target) bool { return t.Get }, (*suite).read},
	{"keys", page + ": Idempotency-Key", func(t *Target) bool { return t.Keys }, (*suite).keys},
	{"conditions", "RFC 9110 §13", func(t *Target) bool { return t.Versions }, (*suite).conditions},
	{"empty header lines", "RFC 9110 §5.3: a field that is there and empty is not absent", nil, (*suite).emptyLines},
	{"deleted", "docs/handlers.md: a key belongs to its contact, and goes with it",
		func(t *Target) bool { return t.Delete != nil }, (*suite).deleted},
	{"other team", page + ": a token sees its team's contacts",
		func(t *Target) bool { return t.OtherTeam != nil }, (*suite).otherTeam},
}

// body makes a patch of one field.
func body(f contact.Field, value []byte) []byte {
	return fmt.Appendf(nil, `{"%s":%s}`, f, value)
}

// set gives each field values of its kind. A value that one field of a kind does not take is told
// once: no other field of the kind is given it.
func (s *suite) set() {
	told := map[string]bool{}
	for f := range contact.WritableFields.All() {
		values := formsOf(f).plain
		if s.short && f.Kind() == contact.KindString {
			values = values[:3] // many fields have this kind
		}
		for _, value := range values {
			key := f.Kind().String() + value
			if !told[key] && !s.check(s.patch(body(f, []byte(value)))) {
				told[key] = true
				break // go on with the next field
			}
		}
	}
}

func (s *suite) clear() {
	for f := range (contact.WritableFields &^ contact.RequiredFields).All() {
		s.check(s.patch(body(f, []byte("null"))))
	}
	s.check(s.patch([]byte(`{"city":null}`))) // already absent
}

// absent patches one field and checks all others.
func (s *suite) absent() {
	q := s.patch([]byte(`{"city":"Oak Park"}`))
	if s.check(q) {
		s.unchanged(answer{request: string(q.body)})
	}
	s.check(s.patch([]byte(`{}`)))
	s.check(s.patch([]byte(`{"email_opted_in":true}`)))
}

func (s *suite) noChange() {
	s.check(s.patch([]byte(`{}`)))
	all, err := contact.PatchOf(s.stored, contact.WritableFields)
	if err != nil {
		s.t.Errorf("%v", err)
		return
	}
	s.check(s.patch(all.AppendJSON(nil)))
	s.check(s.patch(s.gen.Reformat(all.AppendJSON(nil))))
}

func (s *suite) arrays() {
	for _, value := range []string{`["a","b"]`, `["b"]`, `["b","b"]`, `[]`} {
		s.check(s.patch(body(contact.FieldCompletedObjectiveKeys, []byte(value))))
	}
	for _, value := range values[contact.KindIDs].plain {
		s.check(s.patch(body(contact.FieldActiveJourneyIDs, []byte(value))))
	}
}

// appendixA are the rows of RFC 7396, appendix A: a target and a patch.
var appendixA = [][2]string{
	{`{"a":"b"}`, `{"a":"c"}`}, {`{"a":"b"}`, `{"b":"c"}`}, {`{"a":"b"}`, `{"a":null}`},
	{`{"a":"b","b":"c"}`, `{"a":null}`}, {`{"a":["b"]}`, `{"a":"c"}`}, {`{"a":"c"}`, `{"a":["b"]}`},
	{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`}, {`{"a":[{"b":"c"}]}`, `{"a":[1]}`},
	{`["a","b"]`, `["c","d"]`}, {`{"a":"b"}`, `["c"]`}, {`{"a":"foo"}`, `null`}, {`{"a":"foo"}`, `"bar"`},
	{`{"e":null}`, `{"a":1}`}, {`[1,2]`, `{"a":"b","c":null}`}, {`{}`, `{"a":{"bb":{"ccc":null}}}`},
}

// meta patches a member of meta_public, so that targets and patches can be of any type.
func (s *suite) meta() {
	for _, row := range appendixA {
		doc := objectOf(s.stored.AppendJSON(nil)).
			With("meta_public", tree.Object{{Name: "m", Value: parsed(row[0])}})
		if s.put(tree.AppendText(nil, doc)) {
			s.check(s.patch([]byte(`{"meta_public":{"m":` + row[1] + `}}`)))
		}
	}
	for _, patch := range []string{
		`{"list":[null,{"a":null}]}`, `{"list":[1]}`, `{"a/b":{"~":1},"":{"":2}}`, `{"a/b":{"~":null}}`, `{"deep":{"er":{"still":1}}}`,
		`{"deep":{"er":{"other":2}}}`, `{"deep":null,"a/b":null}`,
	} {
		s.check(s.patch(body(contact.FieldMetaPublic, []byte(patch))))
	}
}

func (s *suite) numbers() {
	for i, number := range numbers {
		s.check(s.patch(fmt.Appendf(nil, `{"meta_public":{"n%d":%s,"list":[%s]}}`, i, number, number)))
	}
}

// spelling sends the same values in other spellings.
func (s *suite) spelling() {
	for f := range contact.WritableFields.All() {
		for _, value := range formsOf(f).spelled {
			s.check(s.patch(body(f, []byte(value))))
		}
	}
	s.check(s.patch([]byte(" {\n\"\\u0063ity\" :\t\"\\u0041\" } ")))
}

// rules returns a part that breaks these rules in every field that has them.
func rules(rules ...contact.Rule) func(*suite) {
	return func(s *suite) {
		times := 4
		if s.short {
			times = 1
		}
		for f := range contact.AllFields.All() {
			for _, rule := range rules {
				for range times {
					text := s.gen.InvalidPatch(s.stored.AppendJSON(nil), rule, f)
					if text == nil || !s.check(s.patch(text)) {
						break
					}
				}
			}
		}
	}
}

func (s *suite) syntax() {
	for _, text := range append([]string{
		``, ` `, `{`, `{"city"`, `{"city":`, `{"city":"x"`, `{"city":"x",}`, `{"city":"x"}}`, `{city:"x"}`, `{'city':'x'}`,
		`{"city":"x"} {}`, "\xef\xbb\xbf{}", "{\"city\":\"\xff\"}", `{"city":"\ud800"}`, "{\"city\":\"\n\"}",
		`null`, `[]`, `"x"`, `1`, `true`,
	}, wrapped(broken)...) {
		s.check(s.patch([]byte(text)))
	}
}

// wrapped returns bodies with the texts as values of a field.
func wrapped(texts []string) (bodies []string) {
	for _, text := range texts {
		bodies = append(bodies, `{"city":`+text+`}`)
	}
	return bodies
}

func (s *suite) limits() {
	for _, rule := range []contact.Rule{contact.RuleDepth, contact.RuleSize} {
		for _, f := range []contact.Field{contact.FieldMetaPublic, contact.FieldCity} {
			if text := s.gen.InvalidPatch(s.stored.AppendJSON(nil), rule, f); text != nil {
				s.check(s.patch(text))
			}
		}
	}
	s.check(s.patch([]byte(strings.Repeat(" ", 1<<19) + `{"city":"Oak Park"}`)))
}

func (s *suite) allErrors() {
	for _, text := range []string{
		`{"sms_opted_in":"yes","birthdate":"1990-02-30","id":7,"nope":1,"timezone":"PST","email":null,"country":1}`,
		`{"active_journey_ids":["x",1,"y"],"completed_objective_keys":[1,null],"last_seen_at":"now"}`,
		`{"meta_public":{"a":1,"a":2,"b":{"c":[{"d":1,"d":2}]}},"nope":{"x":1,"x":2}}`,
	} {
		s.check(s.patch([]byte(text)))
	}
}

func (s *suite) scopes() {
	for _, scopes := range [][]string{
		{scope.Update}, {"partner:contacts:*"}, {"partner:*:write"}, {"*:contacts:write"}, {"*:*:*"},
		{"partner:contacts:read", scope.Update}, {"nonsense", scope.Update},
		{}, {"partner:contacts:read"}, {"partner:journeys:write"}, {"other:contacts:write"}, {"*"}, {"*:*"},
		{"partner:*"}, {"partner:contacts"}, {"partner:contacts:"}, {"partner:contacts:write:all"},
		{"partner:contacts:writes"}, {"partner:contacts:wri*"}, {"partner:contact*:write"}, {"Partner:Contacts:Write"},
		{"partner:contacts:read", "partner:journeys:*"},
	} {
		q := s.patch([]byte(`{"city":"` + fmt.Sprint(len(scopes), s.gen.Choose(1000)) + `"}`))
		q.scopes = scopes
		s.check(q)
	}
}

func (s *suite) mediaTypes() {
	for _, mediaType := range []string{
		"application/json", "application/merge-patch+json", "application/json; charset=utf-8", "Application/JSON",
		"application/merge-patch+json;v=1", "", "text/plain", "text/json", "application/json-patch+json",
		"application/jsonp", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
	} {
		q := s.patch([]byte(`{"state":"` + fmt.Sprint(s.gen.Choose(1000)) + `"}`))
		q.contentType = mediaType
		s.check(q)
	}
	q := s.patch([]byte(`{"state":"gzip"}`))
	q.contentType, q.header = "text/json", http.Header{"Content-Encoding": {"gzip"}}
	s.check(q)
}

func (s *suite) paths() {
	q := s.patch([]byte(`{"city":"Berwyn"}`))
	q.id = strings.ToUpper(q.id)
	s.check(q)
	for _, id := range []string{
		"x", "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7", "7c2e1f8a4b5d4e6f9a1b2c3d4e5f6a7b", "7c2e1f8a-4b5d-1e6f-9a1b-2c3d4e5f6a7b",
		"00000000-0000-0000-0000-000000000000",
	} {
		q := s.patch([]byte(`{"city":"Berwyn"}`))
		q.id = id
		s.check(q)
	}
	s.missing(s.patch([]byte(`{"city":"Berwyn"}`)), "919108f7-52d1-4320-9bac-f847db4148a8")
}

// missing requests a contact that does not exist, or that the caller may not see.
func (s *suite) missing(q request, id string) {
	q.id = id
	a, ok := s.send(q)
	switch {
	case !ok:
	case a.status != http.StatusNotFound:
		s.wrong(a, "want 404: there is no such contact")
	case s.private(a):
		s.unchanged(a)
	}
}

func (s *suite) identity() {
	for f := range contact.IdentityFields.All() {
		own := tree.AppendText(nil, objectOf(s.stored.AppendJSON(nil)).Get(f.String()))
		s.check(s.patch(body(f, own)))
		s.check(s.patch(fmt.Appendf(nil, `{"%s":%s,"city":"%s"}`, f, bytes.ToUpper(own), f)))
		if other := s.gen.InvalidPatch(s.stored.AppendJSON(nil), contact.RuleImmutable, f); other != nil {
			s.check(s.patch(other))
		}
	}
}

// versions sends updated_at: the stored one, others, and one cut by a clock of another resolution.
func (s *suite) versions() {
	for i := range 3 {
		before := s.stored.UpdatedAt
		s.check(s.patch(s.versioned(before, fmt.Sprint("a", i))))
		s.check(s.patch(s.versioned(before, fmt.Sprint("b", i)))) // stale by now
		s.check(s.patch(s.versioned(s.stored.UpdatedAt.Add(time.Hour), "c")))
	}
	s.check(s.patch(s.versioned(s.stored.UpdatedAt, *s.stored.City))) // changes nothing
	s.check(s.patch([]byte(`{"updated_at":null}`)))
}

// versioned returns a patch of the city by a client that has read a version.
func (s *suite) versioned(version time.Time, city string) []byte {
	text, _ := json.Marshal(version) // cannot fail: the version comes from a contact
	return fmt.Appendf(nil, `{"updated_at":%s,"city":%q}`, text, city)
}

// silence sends values with a marker and checks that no error response contains it.
func (s *suite) silence() {
	const marker = "86753098675309"
	rounds := 300
	if s.short {
		rounds = 60
	}
	for range rounds {
		q := s.patch(s.gen.WithMarker(marker))
		switch s.gen.Choose(8) {
		case 1:
			q.key = "k" + marker
		case 2:
			q.contentType = "text/" + marker
		case 3:
			q.id = marker
		case 4:
			if s.target.SingleScopeToken {
				continue
			}
			q.scopes = []string{"partner:contacts:" + marker}
		}
		if _, _, err := s.expect(q); err == nil {
			continue // the response has the contact
		}
		a, ok := s.send(q)
		if !ok {
			return
		}
		var headers strings.Builder
		_ = a.header.Write(&headers) // a strings.Builder does not fail
		if bytes.Contains(a.body, []byte(marker)) || strings.Contains(headers.String(), marker) {
			s.wrong(a, "the answer holds %s, which was submitted", marker)
			return
		}
	}
}

// random sends patches of all sorts.
func (s *suite) random() {
	rounds := 400
	if s.short {
		rounds = 60
	}
	for round := range rounds {
		// The number of choices depends on the version, so each round has a Gen of its own.
		g := seeded(uint64(round))
		text := g.Body()
		if round%3 > 0 {
			text = g.Reformat(g.Patch(s.stored.AppendJSON(nil)))
		}
		if !s.check(s.patch(text)) {
			return
		}
	}
}

// writers lets several clients increment a count in one contact, each from the version that it has
// read.
func (s *suite) writers() {
	const writers, times = 6, 5
	if !s.check(s.patch([]byte(`{"meta_public":{"count":0}}`))) {
		return
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]bool{}
	for range writers {
		wg.Go(func() {
			mine := &suite{t: s.t, target: s.target, source: s.source, stored: s.stored}
			for range times {
				version, ok := mine.count()
				if !ok {
					return
				}
				mu.Lock()
				repeated := seen[version]
				seen[version] = true
				mu.Unlock()
				if repeated {
					s.t.Errorf("two updates made version %s\nsource: %s", version, s.source)
				}
			}
		})
	}
	wg.Wait()
	a, ok := s.send(s.patch([]byte(`{}`)))
	if !ok || s.t.Failed() {
		return
	}
	if count := counted(a.body); count != writers*times {
		s.wrong(a, "%d updates were answered with 200, but the count is %d: updates were lost",
			writers*times, count)
	}
}

// count increments the contact's count, retrying until no other client was faster. It returns the
// new version.
func (s *suite) count() (version string, ok bool) {
	const most = 1000
	for range most {
		a, ok := s.send(s.patch([]byte(`{}`)))
		if !ok {
			return "", false
		}
		c, err := contact.ParseStored(a.body)
		if err != nil {
			s.wrong(a, "the answer is no contact: %v", err)
			return "", false
		}
		text, _ := json.Marshal(c.UpdatedAt) // cannot fail: the version was parsed
		a, ok = s.send(s.patch(fmt.Appendf(nil, `{"updated_at":%s,"meta_public":{"count":%d}}`,
			text, counted(a.body)+1)))
		switch {
		case !ok:
			return "", false
		case a.status == http.StatusConflict:
			continue
		case a.status != http.StatusOK:
			s.wrong(a, "want 200, or 409 when another was faster")
			return "", false
		}
		var made struct {
			Version string `json:"updated_at"`
		}
		if err := json.Unmarshal(a.body, &made); err != nil {
			s.wrong(a, "%v", err)
		}
		return made.Version, true
	}
	s.t.Errorf("%d times somebody was faster\nsource: %s", most, s.source)
	return "", false
}

// counted returns the count in a contact.
func counted(document []byte) int {
	var c struct {
		Meta struct{ Count int } `json:"meta_public"`
	}
	if json.Unmarshal(document, &c) != nil {
		return -1
	}
	return c.Meta.Count
}

func (s *suite) get() request {
	q := s.patch(nil)
	q.method, q.contentType = http.MethodGet, ""
	if q.scopes = []string{s.target.ReadScope}; s.target.ReadScope == "" {
		q.scopes = []string{"partner:contacts:read"}
	}
	return q
}

// read requests the contact before and after an update.
func (s *suite) read() {
	for _, city := range []string{"Cicero", "Berwyn"} {
		a, ok := s.send(s.get())
		if !ok {
			return
		}
		got, err := contact.ParseStored(a.body)
		if err != nil || a.status != http.StatusOK {
			s.wrong(a, "want 200 and the contact")
			return
		}
		if found := differences(s.stored, got); found != "" {
			s.wrong(a, "the contact is not what the update answered:%s", found)
		}
		s.check(s.patch(fmt.Appendf(nil, `{"city":%q}`, city)))
	}
	s.missing(s.get(), "919108f7-52d1-4320-9bac-f847db4148a8")

	q := s.get()
	q.id = "x"
	if a, ok := s.send(q); ok {
		e := contact.NewError(contact.RuleUUID, "")
		e.Parameter = "id"
		s.refused(a, contact.Errors{e})
		s.private(a)
	}
	if !s.target.SingleScopeToken {
		q = s.get()
		e := contact.NewError(contact.RuleScope, "")
		e.Header, e.Meta.RequiredScope = "Authorization", q.scopes[0]
		q.scopes = []string{scope.Update}
		if a, ok := s.send(q); ok {
			s.refused(a, contact.Errors{e})
			s.private(a)
		}
	}
	q = s.get()
	q.method = http.MethodHead
	if a, ok := s.send(q); ok && (a.status != http.StatusOK || len(a.body) > 0) {
		s.wrong(a, "want 200 and no body")
	}
	q.method = http.MethodPut
	if a, ok := s.send(q); ok {
		allow := a.header.Get("Allow")
		if a.status != http.StatusMethodNotAllowed || !strings.Contains(allow, "GET") || !strings.Contains(allow, "PATCH") {
			s.wrong(a, "want 405 and an Allow with GET and PATCH, not %q", allow)
		}
	}
	if s.target.Versions {
		s.readConditions()
	}
}

// readConditions asks for the contact in versions.
func (s *suite) readConditions() {
	a, ok := s.send(s.get())
	if !ok {
		return
	}
	tag := a.header.Get("ETag")
	if tag == "" {
		s.wrong(a, "there is no ETag")
		return
	}
	for _, row := range []struct {
		name, value string
		status      int
	}{
		{"If-None-Match", tag, http.StatusNotModified}, {"If-None-Match", "W/" + tag, http.StatusNotModified},
		{"If-None-Match", `"x"`, http.StatusOK}, {"If-Match", tag, http.StatusOK}, {"If-Match", `"x"`, http.StatusPreconditionFailed},
		{"If-Match", "", http.StatusPreconditionFailed},
	} {
		q := s.get()
		q.header = http.Header{row.name: {row.value}}
		a, ok := s.send(q)
		switch {
		case !ok || !s.private(a):
		case a.status != row.status:
			s.wrong(a, "want %d", row.status)
		case a.status == http.StatusNotModified && (len(a.body) > 0 || a.header.Get("ETag") != tag):
			s.wrong(a, "want no body and the ETag %s", tag)
		}
	}
}

// keys repeats requests.
func (s *suite) keys() {
	q := s.patch([]byte(`{"city":"Cicero"}`))
	q.key = keyOf(s.gen)
	if !s.check(q) {
		return
	}
	first := s.stored
	if !s.check(s.patch([]byte(`{"city":"Berwyn"}`))) {
		return
	}
	again, ok := s.send(q)
	if !ok {
		return
	}
	got, err := contact.ParseStored(again.body)
	if err != nil || again.status != http.StatusOK {
		s.wrong(again, "want the answer of the first time")
		return
	}
	if found := differences(first, got); found != "" {
		s.wrong(again, "the contact is not that of the first answer:%s", found)
	}
	if again.header.Get("Idempotent-Replayed") == "" && again.header.Get("X-Idempotent-Replay") == "" {
		s.wrong(again, "want X-Idempotent-Replay or Idempotent-Replayed: the client cannot tell that this is the first answer")
	}
	s.private(again)
	s.unchanged(again)

	if s.target.OtherTeam != nil {
		for _, text := range []string{`{"city":"Cicero"}`, `{"city":"Joliet"}`} {
			other := q
			other.authorize, other.body = s.target.OtherTeam, []byte(text)
			s.missing(other, q.id)
		}
	}
	quoted := s.patch([]byte(`{"city":"Elgin"}`))
	quoted.key = `"` + keyOf(s.gen) + `"`
	s.check(quoted)

	q.body = []byte(`{"city":"Joliet"}`)
	if other, ok := s.send(q); ok && (other.status < 400 || other.status >= 500) {
		s.wrong(other, "want a refusal: the key was used for another body")
	} else if ok {
		s.unchanged(other)
	}
	for _, key := range []string{"x", "00000000-0000-0000-0000-000000000000", strings.Repeat("k", 129)} {
		q := s.patch([]byte(`{"city":"Aurora"}`))
		q.key = key
		s.check(q)
	}
}

// keyOf returns a key that no earlier run has used.
func keyOf(g *Gen) string {
	now := uint64(time.Now().UnixNano())
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(now>>32), uint16(now>>16), now>>4&0xfff,
		g.Choose(1<<12), now&0xffffffffffff)
}

// conditions sends If-Match and If-None-Match.
func (s *suite) conditions() {
	a, ok := s.send(s.patch([]byte(`{}`)))
	if !ok {
		return
	}
	tag := a.header.Get("ETag")
	if tag == "" {
		s.wrong(a, "there is no ETag")
		return
	}
	with := func(name, value, city string) request {
		q := s.patch(fmt.Appendf(nil, `{"city":%q}`, city))
		q.header = http.Header{name: {value}}
		return q
	}
	s.check(with("If-Match", tag, "Cicero"))
	for _, q := range []request{
		with("If-Match", tag, "Berwyn"), with("If-Match", `"x"`, "Berwyn"), with("If-None-Match", "*", "Berwyn"),
	} {
		s.unmet(q)
	}
	s.check(with("If-Match", "*", "Joliet"))
}

// unmet sends a request whose condition does not hold.
func (s *suite) unmet(q request) {
	if a, ok := s.send(q); ok && a.status != http.StatusPreconditionFailed {
		s.wrong(a, "want 412: %v does not hold", q.header)
	} else if ok && s.private(a) {
		s.unchanged(a)
	}
}

// emptyLines sends empty header fields. A handler that reads them with http.Header.Get takes them for
// absent ones.
func (s *suite) emptyLines() {
	q := s.patch([]byte(`{"city":"Berwyn"}`))
	if s.target.Versions {
		for _, name := range []string{"If-Match", "If-None-Match"} {
			q.header = http.Header{name: {""}}
			s.unmet(q)
		}
	}
	q.header = http.Header{"Idempotency-Key": {""}}
	s.check(q)
}

// deleted repeats a request after its contact was deleted.
func (s *suite) deleted() {
	q := s.patch([]byte(`{"city":"Cicero"}`))
	q.key = keyOf(s.gen)
	if !s.check(q) {
		return
	}
	if err := s.target.Delete(s.stored.ID); err != nil {
		s.t.Errorf("Delete: %v", err)
		return
	}
	if a, ok := s.send(q); ok && a.status != http.StatusNotFound {
		s.wrong(a, "want 404: the contact was deleted")
	}
	s.fresh()
}

// otherTeam requests the contact with another team's token.
func (s *suite) otherTeam() {
	q := s.patch([]byte(`{"city":"Berwyn"}`))
	q.authorize = s.target.OtherTeam
	s.missing(q, q.id)
}
