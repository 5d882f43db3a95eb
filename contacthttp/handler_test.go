package contacthttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partner-contacts/contact/internal/limits"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
)

// A memory is a VersionedStore with keys, with faults on purpose.
type memory struct {
	sync.Mutex
	documents map[contact.ID][]byte
	answers   map[keyOf]contacthttp.Answer

	fault  error
	faster func() // is called before each Save
	saves  int
}

type keyOf struct {
	id  contact.ID
	key string
}

func newMemory() *memory {
	return &memory{documents: map[contact.ID][]byte{}, answers: map[keyOf]contacthttp.Answer{}}
}

type teamKey struct{}

func (m *memory) Load(ctx context.Context, id contact.ID) ([]byte, error) {
	m.Lock()
	defer m.Unlock()
	return m.load(ctx, id)
}

func (m *memory) load(ctx context.Context, id contact.ID) ([]byte, error) {
	if m.fault != nil {
		return nil, m.fault
	}
	document, ok := m.documents[id]
	if !ok || ctx.Value(teamKey{}) != "ours" {
		return nil, contacthttp.ErrNotFound
	}
	return document, nil
}

func (m *memory) Answer(_ context.Context, id contact.ID, key string) (*contacthttp.Answer, error) {
	m.Lock()
	defer m.Unlock()
	if a, ok := m.answers[keyOf{id, key}]; ok {
		return &a, nil
	}
	return nil, nil
}

func (m *memory) Save(_ context.Context, r contacthttp.Revision) error {
	if m.faster != nil {
		m.faster()
	}
	m.Lock()
	defer m.Unlock()
	stored, err := contact.StoredVersion(m.documents[r.ID])
	if err != nil {
		return err
	}
	if _, known := m.answers[keyOf{r.ID, r.Key}]; known || !stored.Equal(r.PreviousVersion) {
		return contacthttp.ErrConflict
	}
	m.save(r)
	return nil
}

func (m *memory) save(r contacthttp.Revision) {
	m.saves++
	if r.Changed != 0 {
		m.documents[r.ID] = r.Document
	}
	if r.Key != "" {
		m.answers[keyOf{r.ID, r.Key}] = contacthttp.Answer{RequestHash: r.RequestHash, Document: r.Document}
	}
}

// A locked store is a memory as a Store of its own: the lock is its transaction.
type locked struct{ *memory }

func (l locked) Update(ctx context.Context, id contact.ID, key string, merge contacthttp.MergeFunc) error {
	l.Lock()
	defer l.Unlock()
	document, err := l.load(ctx, id)
	if err != nil {
		return err
	}
	stored := contacthttp.Stored{Document: document}
	if a, ok := l.answers[keyOf{id, key}]; ok && key != "" {
		stored.Answer = &a
	}
	r, err := merge(stored)
	if err == nil {
		l.save(r)
	}
	return err
}

func (m *memory) put(c *contact.Contact) (*contact.Contact, error) {
	m.Lock()
	defer m.Unlock()
	m.documents[c.ID] = c.AppendJSON(nil)
	return c, nil
}

func (m *memory) remove(id contact.ID) error {
	m.Lock()
	defer m.Unlock()
	delete(m.documents, id)
	return nil
}

// authenticate reads a token that is its team and its scopes.
func authenticate(r *http.Request) (context.Context, []string, error) {
	team, scopes, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok {
		return nil, nil, contacthttp.ErrUnauthorized
	}
	return context.WithValue(r.Context(), teamKey{}, team), strings.Fields(scopes), nil
}

func as(team string) func(*http.Request, ...string) {
	return func(r *http.Request, scopes ...string) {
		r.Header.Set("Authorization", team+" "+strings.Join(scopes, " "))
	}
}

func mux(h *contacthttp.Handler) http.Handler {
	m := http.NewServeMux()
	m.Handle("/v2/partner/contacts/{id}", h)
	return m
}

// handler answers over a store that compares and swaps.
func handler(s contacthttp.VersionedStore) *contacthttp.Handler {
	return &contacthttp.Handler{Store: contacthttp.CompareAndSwap(s), Authenticate: authenticate}
}

// TestContract: the handler does what the library says, over either kind of store.
func TestContract(t *testing.T) {
	m := newMemory()
	for name, store := range map[string]contacthttp.Store{"lock": locked{m}, "compare and swap": contacthttp.CompareAndSwap(m)} {
		t.Run(name, func(t *testing.T) {
			contacttest.TestHandler(t, contacttest.Target{
				Handler: mux(&contacthttp.Handler{Store: store, Authenticate: authenticate}),
				Put:     m.put, Delete: m.remove, Authorize: as("ours"), OtherTeam: as("theirs"), Get: true, Keys: true, Versions: true,
			})
		})
	}
}

// send sends a patch for the sample contact.
func request(t *testing.T, body io.Reader, headers ...string) *http.Request {
	t.Helper()
	sample, err := contact.ParseStored(contacttest.Sample())
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPatch, "/v2/partner/contacts/"+sample.ID.String(), body)
	as("ours")(r, contacthttp.ScopeUpdate)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func send(t *testing.T, h *contacthttp.Handler, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	mux(h).ServeHTTP(w, request(t, body, headers...))
	return w
}

func sampleStore(t *testing.T) *memory {
	t.Helper()
	store := newMemory()
	sample, err := contact.ParseStored(contacttest.Sample())
	require.NoError(t, err)
	_, err = store.put(sample)
	require.NoError(t, err)
	return store
}

// TestSomebodyFaster: an update without a version is merged anew; one that had seen a version is stale.
func TestSomebodyFaster(t *testing.T) {
	store := sampleStore(t)
	h := handler(store)
	rounds := 0
	store.faster = func() {
		if rounds++; rounds == 1 {
			faster := handler(store)
			require.Equal(t, 200, send(t, faster, strings.NewReader(`{"state":"WI"}`)).Code)
		}
	}
	w := send(t, h, strings.NewReader(`{"city":"Oak Park"}`))
	require.Equal(t, 200, w.Code, w.Body)
	c, err := contact.ParseStored(w.Body.Bytes())
	require.NoError(t, err)
	assert.Equal(t, "Oak Park", *c.City)
	assert.Equal(t, "WI", *c.State)

	rounds = 0
	version, err := json.Marshal(c.UpdatedAt)
	require.NoError(t, err)
	store.faster = func() {
		if rounds++; rounds == 1 {
			faster := handler(store)
			require.Equal(t, 200, send(t, faster, strings.NewReader(`{"state":"IL"}`)).Code)
		}
	}
	w = send(t, h, strings.NewReader(`{"city":"Cicero","updated_at":`+string(version)+`}`))
	require.Equal(t, 409, w.Code, w.Body)

	store.faster = nil
	busy := handler(conflicting{store})
	w = send(t, busy, strings.NewReader(`{"city":"Cicero"}`))
	require.Equal(t, 503, w.Code, w.Body)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
}

// TestSameKeyAtOnce: of two requests with one key, at the same moment, one is applied and both get its answer.
func TestSameKeyAtOnce(t *testing.T) {
	store := sampleStore(t)
	h := handler(store)
	const body, key = `{"meta_public":{"n":1}}`, "919108f7-52d1-4320-9bac-f847db4148a8"
	var first string
	store.faster = func() {
		store.faster = nil
		first = send(t, h, strings.NewReader(body), "Idempotency-Key", key).Body.String()
	}
	second := send(t, h, strings.NewReader(body), "Idempotency-Key", strings.ToUpper(key))
	require.Equal(t, 200, second.Code)
	require.Equal(t, first, second.Body.String())
}

// A conflicting store never saves.
type conflicting struct{ *memory }

func (conflicting) Save(context.Context, contacthttp.Revision) error { return contacthttp.ErrConflict }

// unrepeatable fails where keys are asked for.
type unrepeatable struct {
	*memory
	fault error
}

func (u *unrepeatable) Answer(context.Context, contact.ID, string) (*contacthttp.Answer, error) {
	return nil, u.fault
}

// TestFaults: what is the service's own is 500, told to OnError and to nobody else.
func TestFaults(t *testing.T) {
	store := sampleStore(t)
	var told error
	var status int
	h := &contacthttp.Handler{Store: contacthttp.CompareAndSwap(store), Authenticate: authenticate,
		OnError: func(_ *http.Request, s int, err error) { status, told = s, err }}
	store.fault = errors.New("password=secret")
	w := send(t, h, strings.NewReader(`{}`))
	require.Equal(t, 500, w.Code)
	require.NotContains(t, w.Body.String(), "secret")
	require.ErrorIs(t, told, store.fault)
	require.Equal(t, 500, status)

	// A row that cannot be read is no fault of the client's, whatever it was read with.
	store.fault = fmt.Errorf("load: %w", contact.Check([]byte(`{"secret":1}`)))
	for _, fault := range []error{store.fault, errors.Unwrap(store.fault)} {
		store.fault = fault
		w = send(t, h, strings.NewReader(`{}`))
		require.Equal(t, 500, w.Code)
		require.NotContains(t, w.Body.String(), "secret")
		require.ErrorContains(t, told, "the store cannot read a contact")
		read := httptest.NewRequest(http.MethodGet, "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", nil)
		as("ours")(read, contacthttp.ScopeRead)
		w = httptest.NewRecorder()
		h.ServeHTTP(w, read)
		require.Equal(t, 500, w.Code)
		store.fault = nil
		broken := handler(&unrepeatable{store, fault})
		require.Equal(t, 500, send(t, broken, strings.NewReader(`{}`), "Idempotency-Key", "0b7cbb5e-5d1c-4f0e-9d86-6d9a0f6b6c11").Code)
	}

	store.fault = nil
	for id := range store.documents {
		store.documents[id] = []byte(`{"updated_at":"2026-05-17T08:02:45Z","meta_public":"Okafor"}`)
	}
	w = send(t, h, strings.NewReader(`{"meta_public":{}}`))
	require.Equal(t, 500, w.Code)
	require.NotContains(t, w.Body.String(), "Okafor")

	w = send(t, h, strings.NewReader(`{}`), "Authorization", "")
	require.Equal(t, 401, w.Code, w.Body)
	require.Equal(t, "Bearer", w.Header().Get("WWW-Authenticate"))
}

// A reader reads endlessly, or fails.
type reader struct {
	read int
	err  error
}

func (r *reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	r.read += len(p)
	return len(p), nil
}

// TestBodies: a body without end is not read to it, and one that breaks off is no update.
func TestBodies(t *testing.T) {
	h := handler(sampleStore(t))
	endless := &reader{}
	require.Equal(t, 413, send(t, h, endless).Code)
	require.Less(t, endless.read, 4*limits.MaxBytes)

	// No limit is one that lets a body in.
	for _, h.Options.MaxBytes = range []int{-1, math.MaxInt32, math.MaxInt} {
		require.Equal(t, 200, send(t, h, strings.NewReader(`{"city":"Oslo"}`)).Code)
	}

	// Bodies within the limit add up to what is over it, and can be made smaller again.
	h.Options.MaxBytes = 4096
	for _, body := range []string{
		`{"address":"` + strings.Repeat("x", 3000) + `"}`, `{"address2":"` + strings.Repeat("x", 3000) + `"}`, `{"address":null}`,
	} {
		require.Equal(t, 200, send(t, h, strings.NewReader(body)).Code)
	}
	h.Options = contact.Options{MaxDepth: 200}
	for _, body := range []string{`{"meta_public":` + strings.Repeat(`{"a":`, 99) + "1" + strings.Repeat("}", 99) + `}`, `{"city":"Bergen"}`} {
		require.Equal(t, 200, send(t, h, strings.NewReader(body)).Code)
	}
	h.Options = contact.Options{}

	// A server's own limit is told as the library's is.
	for _, limit := range []int64{0, 1, 1000, limits.MaxBytes} {
		for _, h.Options.MaxBytes = range []int{0, -1} {
			w := httptest.NewRecorder()
			http.MaxBytesHandler(mux(h), limit).ServeHTTP(w, request(t, &reader{}))
			require.Equal(t, 413, w.Code, limit)
			require.Contains(t, w.Body.String(), fmt.Sprintf(`"limit":%d`, max(1, limit)))
		}
	}
	require.Equal(t, 400, send(t, h, &reader{err: io.ErrUnexpectedEOF}).Code)
	require.Equal(t, 408, send(t, h, &reader{err: os.ErrDeadlineExceeded}).Code)
}

// TestHeaders: a header field that is there and empty is not one that is not there, and two media types are none.
func TestHeaders(t *testing.T) {
	h := handler(sampleStore(t))
	for name, want := range map[string]int{
		"If-Match": 412, "If-None-Match": 412, "Idempotency-Key": 400, "Content-Type": 415, "If-Unmodified-Since": 200, "Accept": 200,
	} {
		for _, h.Options.AnyIdempotencyKey = range []bool{false, true} {
			r := request(t, strings.NewReader(`{"city":"Oslo"}`))
			r.Header[name] = []string{""}
			w := httptest.NewRecorder()
			mux(h).ServeHTTP(w, r)
			require.Equal(t, want, w.Code, name)
		}
	}
	for _, second := range []string{"text/xml", "application/json"} {
		r := request(t, strings.NewReader(`{"city":"Oslo"}`))
		r.Header["Content-Type"] = []string{"application/json;a=b", second}
		w := httptest.NewRecorder()
		mux(h).ServeHTTP(w, r)
		require.Equal(t, 415, w.Code, second)
	}
}

// TestProblem: errors as problem details, for those who ask.
func TestProblem(t *testing.T) {
	h := handler(sampleStore(t))
	w := send(t, h, strings.NewReader(`{"city":7,"birthdate":"1990-02-30"}`), "Accept", "application/problem+json, application/json;q=0.5")
	require.Equal(t, 422, w.Code)
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	var problem struct {
		Type, Title, Detail string
		Status              int
		Errors              []struct{ Source struct{ Pointer string } }
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem))
	require.Equal(t, "about:blank", problem.Type)
	require.Equal(t, "Unprocessable Content", problem.Title)
	require.Equal(t, 422, problem.Status)
	require.Len(t, problem.Errors, 2)
	require.Equal(t, "/city", problem.Errors[0].Source.Pointer)
	require.NotEmpty(t, problem.Detail)
	require.True(t, json.Valid(contacthttp.Problem{}.AppendJSON(nil)))
	text, err := json.Marshal(contacthttp.Problem{Type: "https://example.org/p", Instance: "/i", Title: "T", Detail: "D", Status: 409})
	require.NoError(t, err)
	require.JSONEq(t, `{"type":"https://example.org/p","title":"T","status":409,"detail":"D","instance":"/i","errors":[]}`, string(text))
}

// TestAccept: problem details go to who asks for them, by the weights of RFC 9110 §12.5.1 and §12.4.2.
func TestAccept(t *testing.T) {
	h := handler(sampleStore(t))
	for accept, want := range map[string]string{
		"":                                  "application/json",
		"*/*":                               "application/json",
		"application/*":                     "application/json",
		"application/json":                  "application/json",
		"text/html":                         "application/json",
		"application/problem+json":          "application/problem+json",
		"Application/Problem+JSON":          "application/problem+json",
		"application/problem+json;q=0":      "application/json",
		"application/problem+json; q=0.000": "application/json",
		"application/problem+json;Q=0":      "application/json",
		"application/json, application/problem+json":                         "application/problem+json",
		"application/problem+json, application/json":                         "application/problem+json",
		"application/json;q=0.9, application/problem+json;q=0.8":             "application/json",
		"application/json;q=0.8,application/problem+json;q=0.9":              "application/problem+json",
		"application/problem+json;q=0.5, */*":                                "application/json",
		"application/problem+json;q=0.5, */*;q=0.1":                          "application/problem+json",
		"application/problem+json;q=0.5, application/*;q=0.4, */*":           "application/problem+json",
		"application/problem+jsonx":                                          "application/json",
		"xapplication/problem+json":                                          "application/json",
		`text/x;a="application/problem+json,application/problem+json"`:       "application/json",
		`text/x;a="\",application/problem+json`:                              "application/json",
		`text/x;a="\\",application/problem+json`:                             "application/problem+json",
		"application/problem+json;q=2":                                       "application/json",
		"application/problem+json;q=NaN":                                     "application/json",
		"application/problem+json;q=x, application/problem+json;charset=utf": "application/problem+json",
		", ,application/problem+json,":                                       "application/problem+json",
	} {
		w := send(t, h, strings.NewReader(`{"city":7}`), "Accept", accept)
		require.Equal(t, 422, w.Code)
		require.Equal(t, want, w.Header().Get("Content-Type"), "%q", accept)
		require.Equal(t, "Accept", w.Header().Get("Vary"))
	}
}

// TestEditProblem: the answer in the client's language, in both forms; and every error of the handler has a key.
func TestEditProblem(t *testing.T) {
	h := &contacthttp.Handler{Store: contacthttp.CompareAndSwap(sampleStore(t)), Authenticate: authenticate,
		EditProblem: func(header http.Header, r *http.Request, p *contacthttp.Problem) {
			header.Set("Content-Language", "es")
			p.Title, p.Type, p.Instance = "Contenido no procesable", "https://example.org/problems/contact", "/requests/1"
			p.Errors, _ = p.Errors.Translate(func(contact.Error) (title, detail string) { return "Tipo no válido", "Envíe un texto." })
		}}
	for accept, want := range map[string]string{
		"application/json": `{"errors":[{"code":"validation_failed","title":"Tipo no válido","detail":"Envíe un texto.",` +
			`"source":{"pointer":"/city"},"meta":{"rule":"type"}}]}`,
		"application/problem+json": `{"type":"https://example.org/problems/contact","title":"Contenido no procesable","status":422,` +
			`"detail":"Envíe un texto.","instance":"/requests/1","errors":[{"code":"validation_failed","title":"Tipo no válido",` +
			`"detail":"Envíe un texto.","source":{"pointer":"/city"},"meta":{"rule":"type"}}]}`,
	} {
		w := send(t, h, strings.NewReader(`{"city":7}`), "Accept", accept)
		require.Equal(t, want, w.Body.String())
		require.Equal(t, "es", w.Header().Get("Content-Language"))
		var errs contact.Errors
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &errs))
		require.Equal(t, "/city", errs[0].Pointer)
	}
	h.EditProblem = func(_ http.Header, _ *http.Request, p *contacthttp.Problem) { p.Status = 400 }
	told := 0
	h.OnError = func(_ *http.Request, status int, _ error) { told = status }
	require.Equal(t, 400, send(t, h, strings.NewReader(`{"city":7}`)).Code)
	require.Equal(t, 400, told)

	var keys []string
	for key, english := range contacthttp.Messages() {
		require.Equal(t, key, english.MessageKey())
		require.NotEmpty(t, english.Title())
		status, ofProblem := strings.CutPrefix(key, "status.")
		if !ofProblem {
			keys = append(keys, key)
		} else {
			require.Contains(t, string(contacthttp.Problem{Status: contact.Errors{english}.Status()}.AppendJSON(nil)),
				`"title":"`+english.Title()+`","status":`+status)
		}
		require.Equal(t, ofProblem, english.Detail == "")
	}
	page, err := os.ReadFile("../docs/handlers.md")
	require.NoError(t, err)
	for key, english := range contacthttp.Messages() {
		if english.Detail != "" {
			require.True(t, strings.Contains(string(page), fmt.Sprintf("| `%s` | %d |", key, contact.Errors{english}.Status())), "docs/handlers.md lacks %s", key)
		}
	}
	require.Equal(t, []string{"unauthorized", "request_timeout", "malformed_request", "method_not_allowed", "not_found",
		"idempotency_conflict", "busy", "service_unavailable", "stored_contact_invalid", "internal_error"}, keys)
	for most := range 12 {
		n := 0
		for range contacthttp.Messages() {
			if n++; n > most {
				break
			}
		}
		require.Equal(t, most+1, n)
	}
}

// TestRevisionIsNotPrinted: a document is personal data.
func TestRevisionIsNotPrinted(t *testing.T) {
	c := contacthttp.Revision{Changed: contact.FieldsOf(contact.FieldCity), Document: []byte("secret"), Key: "secret"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		for _, v := range []any{c, &c, []contacthttp.Revision{c}} {
			require.NotContains(t, fmt.Sprintf(format, v), "secret")
			require.Contains(t, fmt.Sprintf(format, c), "changing city")
		}
	}
	var out strings.Builder
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "revision", c)
	require.NotContains(t, out.String(), "secret")
	require.Contains(t, out.String(), `"changed":"city"`)
}

// TestMethods: a route for all methods changes nothing but by PATCH, and Allow lists what there is.
func TestMethods(t *testing.T) {
	store := sampleStore(t)
	h := handler(store)
	for _, others := range [][]string{nil, {"DELETE", "PATCH"}} {
		h.OtherMethods = others
		allow := map[bool]string{true: "GET, HEAD, OPTIONS, PATCH", false: "DELETE, GET, HEAD, OPTIONS, PATCH"}[others == nil]
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
			r := httptest.NewRequest(method, "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", strings.NewReader(`{"city":"Oak Park"}`))
			as("ours")(r, contacthttp.ScopeUpdate, contacthttp.ScopeRead)
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
			require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
			switch method {
			case http.MethodGet, http.MethodHead:
				require.Equal(t, 200, w.Code, method)
				require.Equal(t, method == http.MethodHead, w.Body.Len() == 0)
			case http.MethodOptions:
				require.Equal(t, 204, w.Code, method)
				require.Equal(t, allow, w.Header().Get("Allow"))
				require.Equal(t, "application/json, application/merge-patch+json", w.Header().Get("Accept-Patch"))
			default:
				require.Equal(t, 405, w.Code, method)
				require.Equal(t, allow, w.Header().Get("Allow"))
				require.Contains(t, w.Body.String(), `"method_not_allowed"`)
			}
		}
	}
	for _, document := range store.documents {
		require.Equal(t, contacttest.Sample(), document)
	}
}

// TestClock: what is stamped is the handler's time.
func TestClock(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	h := &contacthttp.Handler{Store: contacthttp.CompareAndSwap(sampleStore(t)), Authenticate: authenticate, Now: func() time.Time { return at },
		ID: func(r *http.Request) string { return r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:] }}
	w := send(t, h, strings.NewReader(`{"city":"Oak Park"}`))
	require.Equal(t, 200, w.Code)
	require.Equal(t, contact.ETag(at), w.Header().Get("ETag"))
}

// TestAuthenticateErrors: 401 is for a token that is wrong; a token store that fails is no reason to throw tokens away.
func TestAuthenticateErrors(t *testing.T) {
	limited := contact.NewServiceError(429, "too_many_requests", "Too many requests", "Wait.")
	for _, tt := range []struct {
		err        error
		status     int
		code       string
		retryAfter string
	}{
		{contacthttp.ErrUnauthorized, 401, "unauthorized", ""},
		{fmt.Errorf("expired: %w", contacthttp.ErrUnauthorized), 401, "unauthorized", ""},
		{errors.New("connection refused"), 500, "internal_error", ""},
		{context.DeadlineExceeded, 503, "service_unavailable", "1"},
		{fmt.Errorf("tokens: %w", contacthttp.ErrUnavailable), 503, "service_unavailable", "1"},
		{limited, 429, "too_many_requests", "1"},
		{contact.Errors{limited}, 429, "too_many_requests", "1"},
		{contact.Errors{}, 500, "internal_error", ""},
	} {
		h := handler(sampleStore(t))
		h.Authenticate = func(*http.Request) (context.Context, []string, error) { return nil, nil, tt.err }
		w := send(t, h, strings.NewReader(`{}`))
		require.Equal(t, tt.status, w.Code, tt.err)
		require.Contains(t, w.Body.String(), `"code":"`+tt.code+`"`)
		require.Equal(t, tt.retryAfter, w.Header().Get("Retry-After"))
		require.Equal(t, tt.status == 401, w.Header().Get("WWW-Authenticate") != "")
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	}
}

// TestStoreErrors: the same errors from the store.
func TestStoreErrors(t *testing.T) {
	store := sampleStore(t)
	for err, want := range map[error]int{
		context.DeadlineExceeded: 503, contacthttp.ErrUnavailable: 503, errors.New("x"): 500, contacthttp.ErrNotFound: 404,
		contact.NewServiceError(423, "locked", "Locked", "Wait."): 423,
	} {
		store.fault = err
		require.Equal(t, want, send(t, handler(store), strings.NewReader(`{}`)).Code, err)
	}
}

// TestReplay: the answer of the first time, marked, whatever happened since; a UUID in either case is one key.
func TestReplay(t *testing.T) {
	store := sampleStore(t)
	h := handler(store)
	const key = "919108f7-52d1-4320-9bac-f847db4148a8"
	first := send(t, h, strings.NewReader(`{"city":"Oslo"}`), "Idempotency-Key", key)
	require.Equal(t, 200, first.Code)
	require.Empty(t, first.Header().Get("X-Idempotent-Replay"))
	require.Contains(t, store.answers, keyOf{sampleID(t), key})
	require.Equal(t, 200, send(t, h, strings.NewReader(`{"city":"Bergen"}`)).Code)
	saves := store.saves
	for _, again := range []string{key, strings.ToUpper(key), `"` + key + `"`} {
		w := send(t, h, strings.NewReader(` {"city": "Oslo"}`), "Idempotency-Key", again)
		require.Equal(t, first.Body.String(), w.Body.String())
		require.Equal(t, "true", w.Header().Get("X-Idempotent-Replay"))
		require.Equal(t, first.Header().Get("ETag"), w.Header().Get("ETag"))
	}
	require.Equal(t, saves, store.saves)
	require.Equal(t, 422, send(t, h, strings.NewReader(`{"city":"Bodø"}`), "Idempotency-Key", key).Code)

	// Who may not see the contact learns nothing of the key, and it goes with the contact.
	for _, body := range []string{`{"city":"Oslo"}`, `{"city":"Bodø"}`} {
		w := send(t, h, strings.NewReader(body), "Idempotency-Key", key, "Authorization", "theirs "+contacthttp.ScopeUpdate)
		require.Equal(t, 404, w.Code)
	}
	require.NoError(t, store.remove(sampleID(t)))
	require.Equal(t, 404, send(t, h, strings.NewReader(`{"city":"Oslo"}`), "Idempotency-Key", key).Code)
}

func sampleID(t *testing.T) contact.ID {
	t.Helper()
	c, err := contact.ParseStored(contacttest.Sample())
	require.NoError(t, err)
	return c.ID
}

// versioned hides that a store remembers keys.
type versioned struct{ contacthttp.VersionedStore }

// TestNothingToSave: a request that changes nothing is saved only for its key, if there is a memory for it.
func TestNothingToSave(t *testing.T) {
	store := sampleStore(t)
	require.Equal(t, 200, send(t, handler(store), strings.NewReader(`{}`)).Code)
	require.Zero(t, store.saves)
	require.Equal(t, 200, send(t, handler(store), strings.NewReader(`{}`), "Idempotency-Key", "919108f7-52d1-4320-9bac-f847db4148a8").Code)
	require.Equal(t, 1, store.saves)
	forgetful := handler(versioned{store})
	require.Equal(t, 200, send(t, forgetful, strings.NewReader(`{"city":"Oslo"}`), "Idempotency-Key", "0b7cbb5e-5d1c-4f0e-9d86-6d9a0f6b6c11").Code)
	require.Equal(t, 2, store.saves)
}

// TestExpect: a request that is refused for its header is refused before its body is asked for.
func TestExpect(t *testing.T) {
	for name, tt := range map[string]struct {
		header []string
		length int64
		status int
	}{
		"media type":          {[]string{"Expect", "100-continue", "Content-Type", "text/json"}, 2, 415},
		"scope":               {[]string{"Expect", "100-continue", "Authorization", "ours x"}, 2, 401},
		"key":                 {[]string{"Expect", "100-continue", "Idempotency-Key", "x"}, 2, 400},
		"size":                {[]string{"Expect", "100-continue"}, limits.MaxBytes + 1, 413},
		"size, no Expect":     {nil, limits.MaxBytes + 1, 413},
		"size and scope":      {[]string{"Authorization", "ours x"}, limits.MaxBytes + 1, 401},
		"in order":            {[]string{"Expect", "100-continue"}, 2, 200},
		"largest that may be": {nil, limits.MaxBytes, 400},
	} {
		t.Run(name, func(t *testing.T) {
			body := &counted{Reader: strings.NewReader("{}")}
			if tt.status == 400 && tt.header == nil {
				body.Reader = strings.NewReader(strings.Repeat(" ", int(tt.length)))
			}
			r := request(t, body, tt.header...)
			r.ContentLength = tt.length
			w := httptest.NewRecorder()
			mux(handler(sampleStore(t))).ServeHTTP(w, r)
			require.Equal(t, tt.status, w.Code, w.Body)
			unread := body.reads == 0
			require.Equal(t, tt.status != 200 && tt.header != nil || tt.status == 413, unread)
			require.Equal(t, unread, w.Header().Get("Connection") == "close")
			if tt.status == 413 {
				require.Contains(t, w.Body.String(), `"detail":"Send a body of at most 1048576 bytes."`)
				require.Contains(t, w.Body.String(), `"limit":1048576`)
			}
		})
	}
}

type counted struct {
	io.Reader
	reads int
}

func (c *counted) Read(p []byte) (int, error) { c.reads++; return c.Reader.Read(p) }

// TestEveryReason: what is wrong with a header is told all at once.
func TestEveryReason(t *testing.T) {
	w := send(t, handler(sampleStore(t)), strings.NewReader(`{}`), "Content-Type", "text/json", "Content-Encoding", "gzip")
	require.Equal(t, 415, w.Code)
	require.Contains(t, w.Body.String(), `"header":"Content-Type"`)
	require.Contains(t, w.Body.String(), `"header":"Content-Encoding"`)
	require.Equal(t, "identity", w.Header().Get("Accept-Encoding"))
}

// TestWrappedBody: a client that sends a large body reads the answer to it, although Authenticate
// has wrapped the body.
func TestWrappedBody(t *testing.T) {
	h := handler(sampleStore(t))
	authenticate := h.Authenticate
	h.Authenticate = func(r *http.Request) (context.Context, []string, error) {
		r.Body = struct{ io.ReadCloser }{r.Body}
		return authenticate(r)
	}
	server := httptest.NewServer(mux(h))
	defer server.Close()
	for range 5 {
		r := request(t, bytes.NewReader(make([]byte, 8<<20)))
		url := server.URL + r.URL.Path
		outgoing, err := http.NewRequestWithContext(t.Context(), r.Method, url, bytes.NewReader(make([]byte, 8<<20)))
		require.NoError(t, err)
		outgoing.Header = r.Header
		resp, err := http.DefaultClient.Do(outgoing)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 413, resp.StatusCode)
	}
	r := request(t, strings.NewReader("{}"))
	body := r.Body
	mux(h).ServeHTTP(httptest.NewRecorder(), r)
	require.Equal(t, body, r.Body)
}

// TestUnreadBody: after a body that was not read to its end the connection is closed.
func TestUnreadBody(t *testing.T) {
	for _, body := range []io.Reader{&reader{}, &reader{err: io.ErrUnexpectedEOF}} {
		w := send(t, handler(sampleStore(t)), body)
		require.Equal(t, "close", w.Header().Get("Connection"))
		require.Empty(t, w.Header().Get("Retry-After"))
	}
	limited := contact.NewServiceError(429, "too_many_requests", "Too many requests", "Wait.")
	w := send(t, handler(sampleStore(t)), &reader{err: limited}) // of a body that Authenticate has wrapped
	require.Equal(t, 429, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
}

// TestGet: reading has its own scope and its own errors.
func TestGet(t *testing.T) {
	store := sampleStore(t)
	h := handler(store)
	h.ID = func(r *http.Request) string { return strings.TrimPrefix(r.URL.Path, "/x/") }
	tag := contact.ETag(must(contact.StoredVersion(contacttest.Sample())))
	for _, tt := range []struct {
		id, scope string
		header    []string
		status    int
		want      string
	}{
		{sampleID(t).String(), contacthttp.ScopeRead, nil, 200, string(contacttest.Sample())},
		{sampleID(t).String(), contacthttp.ScopeUpdate, nil, 401, `"header":"Authorization"`},
		{"x", contacthttp.ScopeRead, nil, 400, `"parameter":"id"`},
		{"919108f7-52d1-4320-9bac-f847db4148a8", contacthttp.ScopeRead, nil, 404, `"not_found"`},
		{sampleID(t).String(), contacthttp.ScopeRead, []string{"If-None-Match", tag}, 304, ""},
		{sampleID(t).String(), contacthttp.ScopeRead, []string{"If-None-Match", "W/" + tag}, 304, ""},
		{sampleID(t).String(), contacthttp.ScopeRead, []string{"If-Match", `"x"`}, 412, `"header":"If-Match"`},
		{sampleID(t).String(), contacthttp.ScopeRead, []string{"If-Match", `"x"`, "If-None-Match", tag}, 412, `"header":"If-Match"`},
	} {
		r := httptest.NewRequest(http.MethodGet, "/x/"+tt.id, nil)
		as("ours")(r, tt.scope)
		for i := 0; i < len(tt.header); i += 2 {
			r.Header.Set(tt.header[i], tt.header[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, tt.status, w.Code, tt)
		require.Contains(t, w.Body.String(), tt.want)
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		require.Equal(t, tt.status == 200 || tt.status == 304, w.Header().Get("ETag") == tag)
		if tt.status == 401 {
			require.Equal(t, `Bearer error="insufficient_scope", scope="partner:contacts:read"`, w.Header().Get("WWW-Authenticate"))
		}
	}
	store.documents[sampleID(t)] = []byte("{}")
	r := httptest.NewRequest(http.MethodGet, "/x/"+sampleID(t).String(), nil)
	as("ours")(r, contacthttp.ScopeRead)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, 500, w.Code)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestCheck: a service's own rules come before the store.
func TestCheck(t *testing.T) {
	store := sampleStore(t)
	store.fault = errors.New("not to be asked")
	h := handler(store)
	h.Check = contacthttp.CheckPostgresColumns
	w := send(t, h, strings.NewReader(`{"city":"a\u0000b"}`))
	require.Equal(t, 422, w.Code)
	require.Contains(t, w.Body.String(), `"pointer":"/city"`)
	require.Equal(t, 500, send(t, h, strings.NewReader(`{"city":"a"}`)).Code)
}

// TestPostgresChecks: what columns of PostgreSQL cannot hold, by their type.
func TestPostgresChecks(t *testing.T) {
	for body, want := range map[string][2]bool{ // whether typed columns take it, whether jsonb does
		`{"city":"Oslo","timezone":"Europe/Oslo","birthdate":"0001-01-01"}`: {true, true},
		`{"city":"\u0000"}`:                                              {false, false},
		`{"birthdate":"0000-02-29"}`:                                     {false, true},
		`{"last_seen_at":"0000-01-01T00:00:00Z"}`:                        {false, true},
		`{"last_seen_at":"0001-01-01T00:30:00+01:00"}`:                   {false, true},
		`{"birthdate":null,"city":null}`:                                 {true, true},
		`{"completed_objective_keys":["a\u0000"]}`:                       {true, false},
		`{"meta_public":{"a":"\u0000"}}`:                                 {true, false},
		`{"meta_public":{"\u0000":1}}`:                                   {true, false},
		`{"meta_public":{"a":"\\u0000"}}`:                                {true, true},
		`{"meta_public":{"a":[9007199254740993,1.50,-0.5,0,null,true]}}`: {true, true},
		`{"meta_public":{"a":1e400}}`:                                    {true, false},
		`{"meta_public":{"a":[1E2]}}`:                                    {true, false},
		`{"meta_public":{"a":-0}}`:                                       {true, false},
		`{"meta_public":{"a":-0.00}}`:                                    {true, false},
		`{"meta_public":{"a":0.` + strings.Repeat("1", 16384) + `}}`:     {true, false},
		`{"meta_public":{"a":` + strings.Repeat("1", 131073) + `}}`:      {true, false},
		`{"meta_public":{"a":"1e400"}}`:                                  {true, true},
	} {
		u, err := contact.ParseUpdate(contact.UpdateRequest{
			PathID: sampleID(t).String(), Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json", Body: []byte(body),
		})
		require.NoError(t, err, body)
		for i, err := range []error{contacthttp.CheckPostgresColumns(u), contacthttp.CheckJSONB(u)} {
			require.Equal(t, want[i], err == nil, "%.60s: %v", body, err)
			var errs contact.Errors
			if err != nil {
				require.ErrorAs(t, err, &errs)
				require.Equal(t, 422, errs.Status())
				require.NotEmpty(t, errs[0].Pointer)
			}
		}
	}
}

// TestNoTime: without a time, and without an update, nothing is stored.
func TestNoTime(t *testing.T) {
	store := &one{contacttest.Sample()}
	s := contacthttp.CompareAndSwap(store)
	u, err := contact.ParseUpdate(contact.UpdateRequest{
		PathID: sampleID(t).String(), Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json", Body: []byte(`{"city":"Oslo"}`),
	})
	require.NoError(t, err)
	_, err = contacthttp.Apply(t.Context(), s, u, time.Time{})
	require.ErrorIs(t, err, contact.ErrTime)
	h := handler(store)
	h.Now = func() time.Time { return time.Time{} }
	require.Equal(t, 500, send(t, h, strings.NewReader(`{"city":"Oslo"}`)).Code)
	for _, u := range []*contact.Update{nil, {}} {
		_, err = contacthttp.Apply(t.Context(), s, u, time.Now())
		require.ErrorIs(t, err, contact.ErrNil)
		for _, check := range []func(*contact.Update) error{contacthttp.CheckJSONB, contacthttp.CheckPostgresColumns} {
			require.Equal(t, u == nil, check(u) != nil)
		}
	}
	_, err = contacthttp.Apply(t.Context(), nil, u, time.Now())
	require.ErrorIs(t, err, contact.ErrNil)
	require.Equal(t, string(contacttest.Sample()), string(store.document))
}

// TestApply: the same work without HTTP.
func TestApply(t *testing.T) {
	store := sampleStore(t)
	ctx := context.WithValue(t.Context(), teamKey{}, "ours")
	update := func(body, key string) (contacthttp.Revision, error) {
		u, err := contact.ParseUpdate(contact.UpdateRequest{
			PathID: sampleID(t).String(), Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json", Body: []byte(body), IdempotencyKey: key,
		})
		require.NoError(t, err)
		return contacthttp.Apply(ctx, contacthttp.CompareAndSwap(store), u, time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC))
	}
	const key = "919108f7-52d1-4320-9bac-f847db4148a8"
	first, err := update(`{"city":"Oslo"}`, key)
	require.NoError(t, err)
	require.Equal(t, "city,updated_at", first.Changed.String())
	require.Equal(t, string(contacttest.Sample()), string(first.Before))
	require.Equal(t, string(store.documents[first.ID]), string(first.Document))
	require.Equal(t, must(contact.StoredVersion(contacttest.Sample())), first.PreviousVersion)
	require.Equal(t, must(contact.StoredVersion(first.Document)), first.Version)
	again, err := update(`{"city":"Oslo"}`, key)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, string(first.Document), string(again.Document))
	require.Equal(t, first.Version, again.Version)
	require.Zero(t, again.Changed)
	require.Empty(t, again.Key)

	_, err = update(`{"city":"Bergen"}`, key)
	require.ErrorIs(t, err, contacthttp.ErrKeyUsed)
	_, err = update(`{"city":"Bergen","updated_at":"2020-01-01T00:00:00Z"}`, "")
	var errs contact.Errors
	require.ErrorAs(t, err, &errs)
	require.Equal(t, contact.RuleStale, errs[0].Rule)
	store.fault = errs // as a store that reads with the library might return them
	_, err = update(`{}`, "")
	require.Error(t, err)
	require.False(t, errors.As(err, &errs))
}

// BenchmarkHandler: the handler's own share beside the merge; README has the numbers.
func BenchmarkHandler(b *testing.B) {
	body := []byte(`{"city":"Oak Park","phone_home":null,"meta_public":{"score":13}}`)
	b.Run("AppendMerge", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := contact.AppendMerge(nil, sampleDocument, body, time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Handler", func(b *testing.B) {
		h := &contacthttp.Handler{Store: still{}, Authenticate: func(r *http.Request) (context.Context, []string, error) {
			return nil, scopes, nil
		}}
		r := httptest.NewRequest(http.MethodPatch, "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", nil)
		r.Header.Set("Content-Type", "application/json")
		in := new(bytes.Reader)
		r.Body = io.NopCloser(in)
		w := discard{http.Header{}}
		b.ReportAllocs()
		for b.Loop() {
			in.Reset(body)
			h.ServeHTTP(w, r)
		}
	})
}

var scopes = []string{contacthttp.ScopeUpdate}

// still is a store of the sample contact that never changes.
type still struct{}

var sampleDocument = contacttest.Sample()

func (still) Load(context.Context, contact.ID) ([]byte, error) { return sampleDocument, nil }

func (still) Update(_ context.Context, _ contact.ID, _ string, merge contacthttp.MergeFunc) error {
	_, err := merge(contacthttp.Stored{Document: sampleDocument})
	return err
}

type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) WriteHeader(int)             {}
func (discard) Write(p []byte) (int, error) { return len(p), nil }
