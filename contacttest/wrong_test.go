package contacttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/internal/limits"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
)

// A faulty is a service with every optional part, and one fault: none if it is "".
type faulty struct {
	fault string

	sync.Mutex
	contacts map[contact.ID]*contact.Contact
	replays  map[string]replay
}

type replay struct {
	body     string
	response []byte
}

func newFaulty(fault string) (*faulty, *Target) {
	s := &faulty{fault: fault, contacts: map[contact.ID]*contact.Contact{}, replays: map[string]replay{}}
	mux := http.NewServeMux()
	mux.HandleFunc("PATCH /v2/partner/contacts/{id}", s.patch)
	mux.HandleFunc("GET /v2/partner/contacts/{id}", s.get)
	mux.HandleFunc("/v2/partner/contacts/{id}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", "GET, PATCH")
		if fault == "allows PATCH alone" {
			w.Header().Set("Allow", "PATCH")
		}
		w.WriteHeader(http.StatusMethodNotAllowed)
	})
	as := func(team string) func(*http.Request, ...string) {
		return func(r *http.Request, scopes ...string) {
			r.Header.Set("Authorization", team+" "+strings.Join(scopes, " "))
		}
	}
	return s, &Target{
		Handler: mux, Authorize: as("ours"), OtherTeam: as("theirs"), Get: true, Keys: true, Versions: true,
		Put: func(c *contact.Contact) (*contact.Contact, error) {
			s.Lock()
			defer s.Unlock()
			s.contacts[c.ID] = c.Clone()
			return c, nil
		},
		Delete: func(id contact.ID) error {
			s.Lock()
			defer s.Unlock()
			delete(s.contacts, id)
			return nil
		},
	}
}

func (s *faulty) load(r *http.Request, id contact.ID) *contact.Contact {
	team, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if team != "ours" && s.fault != "team ignored" {
		return nil
	}
	return s.contacts[id]
}

func (s *faulty) get(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	e := contact.NewError(contact.RuleScope, "")
	e.Header, e.Meta.RequiredScope = "Authorization", "partner:contacts:read"
	if s.fault == "scope fault in the body" {
		e.Header = ""
	}
	_, scopes, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scopes != "partner:contacts:read" {
		s.refuse(w, contact.Errors{e}, nil)
		return
	}
	id, err := contact.ParseID(r.PathValue("id"))
	if err != nil {
		errs := slices.Clone(err.(contact.Errors))
		if s.fault != "path fault in the body" {
			errs[0].Parameter = "id"
		}
		s.refuse(w, errs, nil)
		return
	}
	c := s.load(r, id)
	if c == nil {
		http.NotFound(w, r)
		return
	}
	if s.fault == "read is stale" {
		c = c.Clone()
		c.City = nil
	}
	tag := contact.ETag(c.UpdatedAt)
	w.Header().Set("ETag", tag)
	if err := contact.ParseCondition(s.header(r, "If-Match"), "", "").Check(c.UpdatedAt); err != nil {
		s.refuse(w, err.(contact.Errors), nil)
		return
	}
	known := contact.ParseCondition("", s.header(r, "If-None-Match"), "").NotModified(c.UpdatedAt)
	if s.fault == "tags compared as text" {
		known = r.Header.Get("If-None-Match") == tag
	}
	if known {
		if s.fault == "304 may be kept" {
			w.Header().Del("Cache-Control")
		}
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if r.Method != http.MethodHead || s.fault == "HEAD with a body" {
		w.Write(c.AppendJSON(nil))
	}
}

// header returns a header field as a handler should read it.
func (s *faulty) header(r *http.Request, name string) string {
	if lines := r.Header.Values(name); lines != nil && strings.Join(lines, "") == "" && s.fault != "empty lines ignored" {
		return " "
	}
	return r.Header.Get(name)
}

func (s *faulty) patch(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, limits.MaxBytes+1))
	_, scopes, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	req := contact.UpdateRequest{
		PathID: r.PathValue("id"), Scopes: strings.Fields(scopes), ContentType: r.Header.Get("Content-Type"),
		ContentEncoding: r.Header.Get("Content-Encoding"),
		IdempotencyKey:  s.header(r, "Idempotency-Key"), IfMatch: s.header(r, "If-Match"), IfNoneMatch: s.header(r, "If-None-Match"), Body: body,
	}
	s.Lock()
	defer s.Unlock()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	merged, replayed, err := s.update(r, &req)
	if replayed && s.fault != "replay not marked" {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	var errs contact.Errors
	switch {
	case err == nil:
		w.Header().Set("ETag", contact.ETag(merged.UpdatedAt))
		w.Write(s.spoil(merged.AppendJSON(nil)))
	case errors.As(err, &errs):
		s.refuse(w, errs, body)
	default:
		http.Error(w, "no such contact", http.StatusNotFound)
	}
}

var errNotFound = errors.New("not found")

// update does what a service does. The request is changed by faults in reading it.
func (s *faulty) update(r *http.Request, req *contact.UpdateRequest) (_ *contact.Contact, replayed bool, err error) {
	o := contact.Options{}
	now := time.Now()
	text := string(req.Body)
	switch s.fault {
	case "last duplicate wins":
		var v map[string]any
		if json.Unmarshal(req.Body, &v) == nil && v != nil {
			req.Body, _ = json.Marshal(keepNumbers(req.Body))
		}
	case "floats for numbers":
		var v map[string]any
		if contact.CheckPatch(req.Body) == nil && json.Unmarshal(req.Body, &v) == nil {
			req.Body, _ = json.Marshal(v)
		}
	case "nulls dropped in arrays":
		req.Body = bytes.ReplaceAll(req.Body, []byte("[null,"), []byte("["))
	case "consent coerced":
		req.Body = bytes.ReplaceAll(req.Body, []byte(`:"true"`), []byte(`:true`))
	case "unknown ignored":
		o.IgnoreUnknown = true
	case "stale allowed":
		o.AllowStale = true
	case "wildcard too wide":
		if slices.Contains(req.Scopes, "partner:*") {
			req.Scopes = []string{contacthttp.ScopeUpdate}
		}
	case "scope by prefix":
		if slices.ContainsFunc(req.Scopes, func(s string) bool { return strings.HasPrefix(s, contacthttp.ScopeUpdate) }) {
			req.Scopes = []string{contacthttp.ScopeUpdate}
		}
	case "no wildcards":
		if !slices.Contains(req.Scopes, contacthttp.ScopeUpdate) {
			req.Scopes = nil
		}
	case "any media type":
		req.ContentType = "application/json"
	case "merge-patch refused":
		if strings.Contains(req.ContentType, "merge-patch") {
			req.ContentType = "text/plain"
		}
	case "path in any form":
		if len(req.PathID) == 32 {
			p := req.PathID
			req.PathID = p[:8] + "-" + p[8:12] + "-" + p[12:16] + "-" + p[16:20] + "-" + p[20:]
		}
	case "large bodies":
		o.MaxBytes, o.MaxDepth = -1, -1
	case "key of any form":
		if req.IdempotencyKey != "" {
			o.AnyIdempotencyKey = true
		}
	case "empty string is null":
		req.Body = bytes.ReplaceAll(req.Body, []byte(`:""`), []byte(`:null`))
	case "trailing bytes":
		if i := bytes.LastIndexByte(req.Body, '}'); i >= 0 && strings.HasPrefix(text, `{"city":"x"}`) {
			req.Body = []byte(`{"city":"x"}`)
		}
	case "conditions ignored":
		req.IfMatch, req.IfNoneMatch = "", ""
	}
	u, err := o.ParseUpdate(*req)
	if err != nil {
		return nil, false, err
	}
	if c, err := s.replay(u, text); s.fault == "key before the contact" && (c != nil || err != nil) {
		return c, true, err
	}
	stored := s.load(r, u.ID)
	if stored == nil {
		if c, err := s.replay(u, text); s.fault == "deleted contact answered" && c != nil && r.Header.Get("Authorization")[:4] == "ours" {
			return c, true, err
		}
		return nil, false, errNotFound
	}
	if c, err := s.replay(u, text); c != nil || err != nil {
		return c, true, err
	}
	merged, changed, err := o.Merge(stored, u.Patch, now)
	if err != nil {
		return nil, false, err
	}
	if err := u.Condition.Check(stored.UpdatedAt); err != nil {
		return nil, false, err
	}
	merged = s.misapply(merged, stored, u.Patch, changed, now)
	if changed != 0 || s.fault == "version on no change" {
		s.contacts[u.ID] = merged
	}
	if u.IdempotencyKey != "" {
		s.replays[u.IdempotencyKey] = replay{text, merged.AppendJSON(nil)}
	}
	return merged, false, nil
}

// replay returns the answer of a key that is known, nil if it is not.
func (s *faulty) replay(u *contact.Update, text string) (*contact.Contact, error) {
	old, known := s.replays[u.IdempotencyKey]
	if !known || u.IdempotencyKey == "" || s.fault == "replay applied twice" {
		return nil, nil
	}
	if old.body != text && s.fault != "key means its first body" {
		return nil, contact.Errors{contact.NewServiceError(http.StatusUnprocessableEntity, "idempotency_conflict", "Key used", "Send another key.")}
	}
	return contact.ParseStored(old.response)
}

func keepNumbers(body []byte) any {
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	_ = d.Decode(&v)
	return v
}

// misapply makes the faults of merging.
func (s *faulty) misapply(merged, stored *contact.Contact, p *contact.Patch, changed contact.FieldSet, now time.Time) *contact.Contact {
	c := merged.Clone()
	switch s.fault {
	case "version on no change":
		if changed == 0 {
			c.UpdatedAt = now.Truncate(time.Microsecond)
		}
	case "clock in seconds":
		c.UpdatedAt = c.UpdatedAt.Truncate(time.Second)
	case "version kept":
		c.UpdatedAt = stored.UpdatedAt
	case "meta replaced":
		if v, state := p.Get(contact.FieldMetaPublic); state {
			c.MetaPublic = v.(contact.Object)
		}
	case "consent written":
		if !p.Fields().Has(contact.FieldEmailOptedIn) {
			c.EmailOptedIn = false
		}
	case "null ignored":
		if v, ok := p.Get(contact.FieldCity); ok && v == nil {
			c.City = stored.City
		}
	case "arrays merged":
		if p.Fields().Has(contact.FieldCompletedObjectiveKeys) {
			c.CompletedObjectiveKeys = append(slices.Clone(stored.CompletedObjectiveKeys), merged.CompletedObjectiveKeys...)
		}
	case "time zones rewritten":
		if c.Timezone != nil && *c.Timezone == "US/Central" {
			zone := "America/Chicago"
			c.Timezone = &zone
		}
	case "nothing saved":
		return stored
	default:
		return merged
	}
	return c
}

// spoil makes the faults of answering with the contact.
func (s *faulty) spoil(document []byte) []byte {
	switch s.fault {
	case "answer without meta":
		return bytes.Replace(document, []byte(`"meta_public"`), []byte(`"meta"`), 1)
	case "answer of nothing":
		return nil
	}
	return document
}

// refuse answers with errors, in the way of some fault.
func (s *faulty) refuse(w http.ResponseWriter, errs contact.Errors, body []byte) {
	status := errs.Status()
	switch s.fault {
	case "always 400":
		status = http.StatusBadRequest
	case "200 on stale":
		if status == http.StatusConflict {
			status = http.StatusOK
		}
	case "first error only":
		errs = errs[:1]
	case "echo of values":
		errs = slices.Clone(errs)
		for i := range errs {
			errs[i].Detail += " You sent: " + string(body)
		}
	case "errors at the root":
		errs = slices.Clone(errs)
		for i := range errs {
			if errs[i].Pointer != "" {
				errs[i].Pointer = "/"
			}
		}
	case "plain text errors":
		http.Error(w, errs.Error(), status)
		return
	case "applied though refused":
		for _, c := range s.contacts {
			city := fmt.Sprint("refused ", len(body))
			c.City = &city
		}
	}
	if s.fault == "errors may be kept" {
		w.Header().Del("Cache-Control")
	}
	w.WriteHeader(status)
	w.Write(errs.AppendJSON(nil))
}

// A recorder notes which parts fail.
type recorder struct {
	name   string
	mu     *sync.Mutex
	failed map[string]string // the first failure of each part
}

func (r *recorder) Run(name string, f func(reporter)) {
	f(&recorder{name, r.mu, r.failed})
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed[r.name] == "" {
		r.failed[r.name] = fmt.Sprintf(format, args...)
	}
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed[r.name] != ""
}

// byChance are the parts that send random values: which faults they meet depends on the fields.
var byChance = map[string]bool{"random": true, "silence": true, "type": true, "values": true}

// TestWrongHandlers: each fault is caught by exactly these parts, but for those that catch it by
// chance, and by at least one.
func TestWrongHandlers(t *testing.T) {
	for i, fault := range slices.Sorted(maps.Keys(wrongHandlers)) {
		if testing.Short() && i%6 != 0 {
			continue
		}
		want := wrongHandlers[fault]
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			_, target := newFaulty(fault)
			r := &recorder{mu: new(sync.Mutex), failed: map[string]string{}}
			check(r, target, true)
			list, allBut := strings.CutPrefix(want, "all but ")
			listed, caught := strings.Split(list, ", "), false
			for _, p := range parts {
				if slices.Contains(listed, p.name+"?") {
					continue // it takes two writers at the same moment
				}
				if want := slices.Contains(listed, p.name) != allBut; byChance[p.name] {
					caught = caught || r.failed[p.name] != ""
				} else {
					require.Equal(t, want, r.failed[p.name] != "", "%s: %s", p.name, r.failed[p.name])
					caught = caught || want
				}
			}
			require.True(t, caught)
		})
	}
}

func TestFaultless(t *testing.T) {
	_, target := newFaulty("")
	TestHandler(t, *target)
}

// updates are the parts in which an update changes something.
const updates = "set, clear, absent, arrays, meta_public, numbers, spelling, size and depth, scopes, " +
	"media types, path, identity, versions, random, writers, read, keys, conditions, deleted"

// refusals are those in which one is refused.
const refusals = "type, values, null, unknown, duplicate, syntax, size and depth, all errors, scopes, " +
	"media types, identity, versions, random"

// wrongHandlers are the faults and the parts that each must fail in.
var wrongHandlers = map[string]string{
	// in reading a body
	"last duplicate wins":     "duplicate, syntax, all errors, random",
	"floats for numbers":      "set, no change, numbers, random",
	"nulls dropped in arrays": "meta_public",
	"consent coerced":         "type, random",
	"unknown ignored":         "unknown, all errors, random",
	"empty string is null":    "set, no change, values, random",
	"trailing bytes":          "syntax",
	"large bodies":            "size and depth",
	// in judging a request
	"wildcard too wide":   "scopes",
	"scope by prefix":     "scopes",
	"no wildcards":        "scopes",
	"any media type":      "media types",
	"merge-patch refused": "media types",
	"path in any form":    "path",
	"key of any form":     "keys",
	"conditions ignored":  "conditions, empty header lines",
	"team ignored":        "keys, other team",
	// in merging
	"stale allowed":        "versions, random, writers?",
	"meta replaced":        "set, meta_public, numbers, spelling, random, writers",
	"consent written":      "set, random",
	"null ignored":         "clear, random",
	"arrays merged":        "set, no change, arrays, spelling, random",
	"time zones rewritten": "set",
	"version on no change": "all but arrays, meta_public, numbers, silence, writers, deleted",
	"version kept":         updates,
	"clock in seconds":     "all but path, silence, deleted",
	// in storing
	"nothing saved":            updates,
	"applied though refused":   refusals + ", path, keys, conditions, empty header lines",
	"replay applied twice":     "keys",
	"key means its first body": "keys",
	"read is stale":            "read",
	// in answering
	"answer without meta": "all but silence",
	"answer of nothing":   "all but silence",
	"always 400":          refusals + ", writers?, read, conditions, empty header lines",
	"200 on stale":        "versions, random, writers?",
	"first error only":    "duplicate, all errors, media types, random",
	"echo of values":      "silence",
	"errors at the root":  "type, values, null, unknown, duplicate, all errors, identity, versions, random",
	"plain text errors":   refusals + ", path, read, keys, empty header lines",

	// beside the update
	"key before the contact":   "keys, deleted",
	"deleted contact answered": "deleted",
	"replay not marked":        "keys",
	"empty lines ignored":      "read, empty header lines",
	"errors may be kept":       refusals + ", path, read, keys, conditions, empty header lines",
	"304 may be kept":          "read",
	"scope fault in the body":  "read",
	"path fault in the body":   "read",
	"HEAD with a body":         "read",
	"allows PATCH alone":       "read",
	"tags compared as text":    "read",
}

// TestDifferences: a report names the members that differ, and not the whole of two contacts.
func TestDifferences(t *testing.T) {
	want, err := contact.ParseStored(Sample())
	require.NoError(t, err)
	long := strings.Repeat("x", 2000)
	want.MetaPublic = contact.Object(`{"a":{"b":1,"c":2},"long":"` + long + `","same":"` + long + `","late":"` + long + `1","x/~":1}`)
	got := want.Clone()
	require.Empty(t, differences(want, got))
	got.MetaPublic = contact.Object(`{"same":"` + long + `","long":"y","late":"` + long + `2","x/~":2,"a":{"c":2,"b":1.0}}`)
	got.City = nil
	text := differences(want, got)
	require.Equal(t, "\n/city: want \"Chicago\", came nothing\n/meta_public/a/b: want 1, came 1.0\n/meta_public/long: want \""+
		long[:199]+"… (2002 bytes, from byte 0), came \"y\"\n/meta_public/late: want "+long[:198]+"1\"… (2003 bytes, from byte 1803), came "+
		long[:198]+"2\"… (2003 bytes, from byte 1803)\n/meta_public/x~1~0: want 1, came 2", text)
	all := differences(new(contact.Contact), want)
	require.Equal(t, 11, strings.Count(all, "\n"))
	require.Contains(t, all, "\nand ")
}

// TestOneValueOneReport: what a database does not take in a string it takes in none, and the suite says so once.
func TestOneValueOneReport(t *testing.T) {
	s, target := newFaulty("")
	mux := target.Handler
	target.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		if bytes.Contains(body, []byte(`\u0000`)) {
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "invalid byte sequence", http.StatusInternalServerError)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		mux.ServeHTTP(w, r)
	})
	r := &recorder{mu: new(sync.Mutex), failed: map[string]string{}}
	suite := &suite{t: &counter{recorder: r}, target: target, gen: seeded(1)}
	require.True(t, suite.fresh())
	suite.set()
	require.NotEmpty(t, s.contacts)
	require.Equal(t, 2, suite.t.(*counter).reports, "once for the strings, once for the lists of strings")
}

// A counter counts the reports.
type counter struct {
	*recorder
	reports int
}

func (c *counter) Errorf(string, ...any) { c.reports++ }
