package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/stretchr/testify/require"
)

// costTime is how long the three handlers take together, for each number of clients.
var costTime = flag.Duration("cost", time.Second, "how long TestCost runs for each number of clients")

// TestCost puts the same load on three handlers: one that only writes the body into the contact's
// row, the same one with the library between, and the service. It tests that all answer; the README
// has the numbers of: go test -run TestCost -cost 12s -v
func TestCost(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) {
		for _, clients := range []int{1, 8, 64} {
			t.Run(fmt.Sprint(clients), func(t *testing.T) { cost(t, open(), clients) })
		}
	})
}

func cost(t *testing.T, s *sqlStore, clients int) {
	{
		first := sampleStore(t, s)
		var all []*contact.Contact
		for i := range clients {
			c := first.Clone()
			c.ID[15] = byte(i)
			all = append(all, c)
		}
		s.put(t, all)
		db := s.db
		url, _ := serve(t, s, func(s *Service, _ *http.Server) { s.Now = time.Now })

		write := func(r *http.Request, d []byte) error {
			_, err := db.ExecContext(r.Context(), `UPDATE contacts SET body = $1 WHERE id = $2`, string(d), r.PathValue("id"))
			return err
		}
		answer := func(handle func(*http.Request, []byte) ([]byte, error)) string {
			mux := http.NewServeMux()
			mux.HandleFunc("PATCH /v2/partner/contacts/{id}", func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err == nil {
					body, err = handle(r, body)
				}
				if err != nil {
					http.Error(w, err.Error(), http.StatusInternalServerError)
					return
				}
				w.Write(body)
			})
			server := httptest.NewServer(mux)
			t.Cleanup(server.Close)
			return server.URL
		}
		document := all[0].AppendJSON(nil)
		bare := answer(func(r *http.Request, _ []byte) ([]byte, error) {
			// Another text each time: SQLite writes no page that stays as it is.
			d := bytes.Replace(document, []byte("Okafor"), fmt.Appendf(nil, "%d", time.Now().UnixNano()), 1)
			return d, write(r, d)
		})
		with := answer(func(r *http.Request, body []byte) ([]byte, error) {
			u, err := contact.ParseUpdate(contact.UpdateRequest{
				PathID: r.PathValue("id"), Scopes: []string{contacthttp.ScopeUpdate}, ContentType: r.Header.Get("Content-Type"), Body: body,
			})
			if err != nil {
				return nil, err
			}
			var document []byte
			if err := s.db.QueryRowContext(r.Context(), `SELECT body FROM contacts WHERE id = $1`, u.ID.String()).Scan(&document); err != nil {
				return nil, err
			}
			merged, _, _, _, err := u.AppendMerge(nil, document, time.Now())
			if err != nil {
				return nil, err
			}
			return merged, write(r, merged)
		})

		handlers := []struct {
			name, url string
			took      []time.Duration
			time      time.Duration
		}{{name: "bare", url: bare}, {name: "with the library", url: with}, {name: "the service", url: url}}
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: time.Minute}
		defer client.CloseIdleConnections()
		const rounds = 4 // the handlers take turns, so that what else the machine does meets them alike
		for round := range rounds {
			for h := range handlers {
				var mu sync.Mutex
				var wg sync.WaitGroup
				start := time.Now()
				for i := range clients {
					wg.Go(func() {
						for n := 0; time.Since(start) < *costTime/rounds/time.Duration(len(handlers)); n++ {
							patch := fmt.Sprintf(`{"city":"c%d-%d-%d","meta_public":{"visits":%d}}`, round, i, n, n)
							req, err := http.NewRequest("PATCH", handlers[h].url+"/v2/partner/contacts/"+all[i].ID.String(), strings.NewReader(patch))
							if err != nil {
								t.Error(err)
								return
							}
							req.Header.Set("Authorization", "Bearer "+writeToken)
							req.Header.Set("Content-Type", "application/json")
							req.Header.Set("Idempotency-Key", fmt.Sprintf("%08x-%04x-4000-8000-%012x", i+1000*clients, round, n))
							begin := time.Now()
							resp, err := client.Do(req)
							if err != nil {
								t.Error(err)
								return
							}
							_, err = io.Copy(io.Discard, resp.Body)
							resp.Body.Close()
							if err != nil || resp.StatusCode != 200 {
								t.Errorf("%s: status %d, %v", handlers[h].name, resp.StatusCode, err)
								return
							}
							mu.Lock()
							handlers[h].took = append(handlers[h].took, time.Since(begin))
							mu.Unlock()
						}
					})
				}
				wg.Wait()
				handlers[h].time += time.Since(start)
			}
		}
		for _, h := range handlers {
			slices.Sort(h.took)
			require.NotEmpty(t, h.took)
			t.Logf("%s: %.0f requests a second, p50 %s, p99 %s", h.name, float64(len(h.took))/h.time.Seconds(),
				h.took[len(h.took)/2].Round(100*time.Microsecond), h.took[len(h.took)*99/100].Round(100*time.Microsecond))
		}
	}
}
