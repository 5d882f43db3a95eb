package contacthttp_test

import (
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

// A memory is a store, with what went wrong in it on purpose.
type memory struct {
	sync.Mutex
	documents map[contact.ID][]byte
	answers   map[string]contacthttp.Revision

	fault  error
	faster func() // is called before each Save
}

func newMemory() *memory {
	return &memory{documents: map[contact.ID][]byte{}, answers: map[string]contacthttp.Revision{}}
}

type teamKey struct{}

func (m *memory) Load(ctx context.Context, id contact.ID) ([]byte, error) {
	m.Lock()
	defer m.Unlock()
	if m.fault != nil {
		return nil, m.fault
	}
	document, ok := m.documents[id]
	if !ok || ctx.Value(teamKey{}) != "ours" {
		return nil, contacthttp.ErrNotFound
	}
	return document, nil
}

func (m *memory) Save(_ context.Context, c contacthttp.Revision) error {
	if m.faster != nil {
		m.faster()
	}
	m.Lock()
	defer m.Unlock()
	stored, err := contact.StoredVersion(m.documents[c.ID])
	if err != nil {
		return err
	}
	if _, known := m.answers[c.Key]; known || !stored.Equal(c.Seen) {
		return contacthttp.ErrConflict
	}
	m.documents[c.ID] = c.Document
	if c.Key != "" {
		m.answers[c.Key] = c
	}
	return nil
}

func (m *memory) Replay(_ context.Context, key string, request [32]byte) ([]byte, error) {
	m.Lock()
	defer m.Unlock()
	c, ok := m.answers[key]
	switch {
	case !ok:
		return nil, contacthttp.ErrNotFound
	case c.Request != request:
		return nil, contacthttp.ErrKeyUsed
	}
	return c.Document, nil
}

func (m *memory) put(c *contact.Contact) (*contact.Contact, error) {
	m.Lock()
	defer m.Unlock()
	m.documents[c.ID] = c.AppendJSON(nil)
	return c, nil
}

// authenticate reads a token that is its team and its scopes.
func authenticate(r *http.Request) (context.Context, []string, error) {
	team, scopes, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok {
		return nil, nil, errors.New("no token")
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
	m.Handle("PATCH /v2/partner/contacts/{id}", h)
	return m
}

// TestContract: the handler does what the library says.
func TestContract(t *testing.T) {
	store := newMemory()
	contacttest.TestHandler(t, contacttest.Target{
		Handler: mux(&contacthttp.Handler{Store: store, Authenticate: authenticate}),
		Put:     store.put, Authorize: as("ours"), OtherTeam: as("theirs"), Keys: true, Versions: true,
	})
}

// send sends a patch for the sample contact.
func request(t *testing.T, body io.Reader, headers ...string) *http.Request {
	t.Helper()
	sample, err := contact.ParseStored(contacttest.Sample())
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPatch, "/v2/partner/contacts/"+sample.ID.String(), body)
	as("ours")(r, contact.ScopeUpdate)
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
	h := &contacthttp.Handler{Store: store, Authenticate: authenticate}
	rounds := 0
	store.faster = func() {
		if rounds++; rounds == 1 {
			faster := &contacthttp.Handler{Store: store, Authenticate: authenticate}
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
			faster := &contacthttp.Handler{Store: store, Authenticate: authenticate}
			require.Equal(t, 200, send(t, faster, strings.NewReader(`{"state":"IL"}`)).Code)
		}
	}
	w = send(t, h, strings.NewReader(`{"city":"Cicero","updated_at":`+string(version)+`}`))
	require.Equal(t, 409, w.Code, w.Body)

	store.faster = nil
	busy := &contacthttp.Handler{Store: conflicting{store}, Authenticate: authenticate}
	w = send(t, busy, strings.NewReader(`{"city":"Cicero"}`))
	require.Equal(t, 503, w.Code, w.Body)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
}

// TestSameKeyAtOnce: of two requests with one key, at the same moment, one is applied and both get its answer.
func TestSameKeyAtOnce(t *testing.T) {
	store := sampleStore(t)
	h := &contacthttp.Handler{Store: store, Authenticate: authenticate}
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

// unrepeatable fails in Replay as in Load.
type unrepeatable struct{ *memory }

func (u *unrepeatable) Replay(context.Context, string, [32]byte) ([]byte, error) { return nil, u.fault }

// TestFaults: what is the service's own is 500, told to Failed and to nobody else.
func TestFaults(t *testing.T) {
	store := sampleStore(t)
	var told error
	var status int
	h := &contacthttp.Handler{Store: store, Authenticate: authenticate,
		Failed: func(_ *http.Request, s int, err error) { status, told = s, err }}
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
		require.ErrorAs(t, told, new(contact.Errors))
		h.Store = &unrepeatable{store}
		require.Equal(t, 500, send(t, h, strings.NewReader(`{}`), "Idempotency-Key", "0b7cbb5e-5d1c-4f0e-9d86-6d9a0f6b6c11").Code)
		h.Store = store
	}

	store.fault = nil
	for id := range store.documents {
		store.documents[id] = []byte(`{"updated_at":"2026-05-17T08:02:45Z","meta_public":"Okafor"}`)
	}
	w = send(t, h, strings.NewReader(`{"meta_public":{}}`))
	require.Equal(t, 500, w.Code)
	require.NotContains(t, w.Body.String(), "Okafor")

	w = send(t, h, strings.NewReader(`{}`), "Authorization", "")
	require.Equal(t, 401, w.Code)
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
	h := &contacthttp.Handler{Store: sampleStore(t), Authenticate: authenticate}
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
	h := &contacthttp.Handler{Store: sampleStore(t), Authenticate: authenticate}
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
	h := &contacthttp.Handler{Store: sampleStore(t), Authenticate: authenticate}
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
	require.Equal(t, "Unprocessable Entity", problem.Title)
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
	h := &contacthttp.Handler{Store: sampleStore(t), Authenticate: authenticate}
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

// TestRefuse: the answer in the client's language, in both forms; and every error of the handler has a key.
func TestRefuse(t *testing.T) {
	h := &contacthttp.Handler{Store: sampleStore(t), Authenticate: authenticate,
		Refuse: func(header http.Header, r *http.Request, p *contacthttp.Problem) {
			header.Set("Content-Language", "es")
			p.Title, p.Type, p.Instance = "Contenido no procesable", "https://example.org/problems/contact", "/requests/1"
			p.Errors = p.Errors.Translate(func(contact.Error) (title, detail string) { return "Tipo no válido", "Envíe un texto." })
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
	h.Refuse = func(_ http.Header, _ *http.Request, p *contacthttp.Problem) { p.Status = 400 }
	told := 0
	h.Failed = func(_ *http.Request, status int, _ error) { told = status }
	require.Equal(t, 400, send(t, h, strings.NewReader(`{"city":7}`)).Code)
	require.Equal(t, 400, told)

	var keys []string
	for key, english := range contacthttp.Texts() {
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
	for key, english := range contacthttp.Texts() {
		if english.Detail != "" {
			require.Contains(t, string(page), fmt.Sprintf("| `%s` | %d |", key, contact.Errors{english}.Status()), "docs/handlers.md lists all")
		}
	}
	require.Equal(t, []string{"unauthorized", "request_timeout", "malformed_request", "method_not_allowed", "not_found",
		"idempotency_conflict", "busy", "internal_error"}, keys)
	for most := range 12 {
		n := 0
		for range contacthttp.Texts() {
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

// TestMethods: a route for all methods updates nothing but by PATCH.
func TestMethods(t *testing.T) {
	store := sampleStore(t)
	h := &contacthttp.Handler{Store: store, Authenticate: authenticate}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		r := httptest.NewRequest(method, "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", strings.NewReader(`{"city":"Oak Park"}`))
		as("ours")(r, contact.ScopeUpdate)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, 405, w.Code, method)
		require.Equal(t, "PATCH", w.Header().Get("Allow"))
		require.Contains(t, w.Body.String(), `"method_not_allowed"`)
	}
	for _, document := range store.documents {
		require.Equal(t, contacttest.Sample(), document)
	}
}

// TestClock: what is stamped is the handler's time.
func TestClock(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	h := &contacthttp.Handler{Store: sampleStore(t), Authenticate: authenticate, Now: func() time.Time { return at },
		ID: func(r *http.Request) string { return r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:] }}
	w := send(t, h, strings.NewReader(`{"city":"Oak Park"}`))
	require.Equal(t, 200, w.Code)
	require.Equal(t, contact.ETag(at), w.Header().Get("ETag"))
}
