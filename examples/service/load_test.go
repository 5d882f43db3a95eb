package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/stretchr/testify/require"
)

// The README has the numbers of: go test -run TestLoad -load 60s -v
var loadTime = flag.Duration("load", 5*time.Second, "how long TestLoad runs on each database")

// ownFields are fields that one writer each has to itself.
var ownFields = []string{
	"unique_id", "name_first", "name_last", "name_title", "name_suffix", "email", "phone_home", "phone_mobile",
	"phone_work", "address", "address2", "city", "state", "post_code", "county", "country",
}

// snapshot is what the load test follows of a contact: the own fields, and
// last the one field that all writers change.
type snapshot [17]string

func snapshotOf(body []byte) (s snapshot, version time.Time, err error) {
	var c struct {
		UpdatedAt time.Time `json:"updated_at"`
		Shared    []string  `json:"completed_objective_keys"`
	}
	var all map[string]any
	if err := json.Unmarshal(body, &c); err != nil {
		return s, version, err
	}
	if err := json.Unmarshal(body, &all); err != nil {
		return s, version, err
	}
	for i, f := range ownFields {
		s[i] = fmt.Sprint(all[f])
	}
	s[len(ownFields)] = fmt.Sprint(c.Shared)
	return s, c.UpdatedAt, nil
}

// applied is one acknowledged change: what it set ("" where it set nothing),
// and the contact that the service said came of it.
type applied struct {
	set     snapshot
	result  snapshot
	version time.Time
}

// TestLoad lets 64 writers at four contacts at once: each has a field of its
// own there and shares another with fifteen more. In the order of their
// versions the acknowledged changes must explain every answer: each result is
// the one before with its own change on top, with no gap between versions.
//
// On PostgreSQL it does so with one service and with two that share the database.
func TestLoad(t *testing.T) {
	onBoth(t, func(t *testing.T, open func() *sqlStore) { testLoad(t, open()) })
	t.Run("postgres, two services", func(t *testing.T) {
		dsn := postgres(t).database(t)
		testLoad(t, opened(t, "", dsn), opened(t, "", dsn))
	})
}

func testLoad(t *testing.T, stores ...*sqlStore) {
	const contacts = 4
	writers := contacts * len(ownFields)
	s := stores[0]
	first := sampleStore(t, s)
	var all []*contact.Contact
	for i := range contacts {
		c := first.Clone()
		c.ID[15] = byte(i)
		all = append(all, c)
	}
	s.put(t, all)
	var urls []string
	for _, s := range stores {
		url, _ := serve(t, s, func(s *Service, _ *http.Server) {
			// A clock that stands in the past makes each version the one before and a
			// microsecond, so they count the changes.
			s.Now = func() time.Time { return first.InsertedAt }
		})
		urls = append(urls, url)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * writers}, Timeout: time.Minute}
	defer client.CloseIdleConnections()

	type result struct {
		acks    []applied
		took    []time.Duration
		replays int
		stale   int
		err     error
	}
	results := make([]result, writers)
	start := time.Now()
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			r := &results[w]
			own := w % len(ownFields)
			send := func(key, patch string) (status int, replay bool, body []byte, err error) {
				req, err := http.NewRequest("PATCH", urls[w%len(urls)]+"/v2/partner/contacts/"+all[w/len(ownFields)].ID.String(), strings.NewReader(patch))
				if err != nil {
					return 0, false, nil, err
				}
				req.Header.Set("Authorization", "Bearer "+writeToken)
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Idempotency-Key", key)
				begin := time.Now()
				resp, err := client.Do(req)
				if err != nil {
					return 0, false, nil, err
				}
				defer resp.Body.Close()
				body, err = io.ReadAll(resp.Body)
				r.took = append(r.took, time.Since(begin))
				return resp.StatusCode, resp.Header.Get("X-Idempotent-Replay") == "true", body, err
			}
			var seen time.Time
			for n := 0; r.err == nil && time.Since(start) < *loadTime; n++ {
				var set snapshot
				var members []string
				value := fmt.Sprintf("w%d-%d", w, n)
				if n%3 != 1 {
					set[own] = value
					members = append(members, fmt.Sprintf("%q:%q", ownFields[own], value))
				}
				if n%3 != 0 {
					set[len(ownFields)] = "[" + value + "]"
					members = append(members, fmt.Sprintf(`"completed_objective_keys":[%q]`, value))
				}
				versioned := n%8 == 7 && !seen.IsZero()
				if versioned {
					members = append(members, fmt.Sprintf(`"updated_at":%q`, seen.Format(time.RFC3339Nano)))
				}
				patch := "{" + strings.Join(members, ",") + "}"
				key := fmt.Sprintf("%08x-0000-4000-8000-%012x", w, n)

				status, replay, body, err := send(key, patch)
				switch {
				case err != nil:
					r.err = err
					return
				case status == 409 && versioned:
					r.stale++
					seen = time.Time{}
					continue
				case status != 200 || replay:
					r.err = fmt.Errorf("status %d, replay %t: %s", status, replay, body)
					return
				}
				a := applied{set: set}
				if a.result, a.version, r.err = snapshotOf(body); r.err != nil {
					return
				}
				seen = a.version
				r.acks = append(r.acks, a)
				if n%10 == 0 { // as a client does that did not hear the answer
					status, replay, again, err := send(key, patch)
					if err != nil || status != 200 || !replay || string(again) != string(body) {
						r.err = fmt.Errorf("repeated: status %d, replay %t, error %v", status, replay, err)
					}
					r.replays++
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)

	var latency []time.Duration
	var changes, replays, stale int
	for _, r := range results {
		require.NoError(t, r.err)
		latency = append(latency, r.took...)
		replays += r.replays
		stale += r.stale
	}
	for i, c := range all {
		var acks []applied
		for _, r := range results[i*len(ownFields) : (i+1)*len(ownFields)] {
			acks = append(acks, r.acks...)
		}
		changes += len(acks)
		slices.SortFunc(acks, func(a, b applied) int { return a.version.Compare(b.version) })
		state, version, err := snapshotOf(c.AppendJSON(nil))
		require.NoError(t, err)
		for _, a := range acks {
			for f, v := range a.set {
				if v != "" {
					state[f] = v
				}
			}
			version = version.Add(time.Microsecond)
			require.Equal(t, version, a.version, "each version is one acknowledged change")
			require.Equal(t, state, a.result)
		}
		body, err := read(t, s, c.TeamID, c.ID)
		require.NoError(t, err)
		last, end, err := snapshotOf(body)
		require.NoError(t, err)
		require.Equal(t, state, last)
		require.Equal(t, version, end)
	}
	require.Greater(t, changes, writers, "too few changes to prove anything")
	require.Positive(t, replays)
	slices.Sort(latency)
	t.Logf("%d writers, %s: %d requests, %.0f a second, p50 %s, p99 %s; %d changes, %d replays, %d stale",
		writers, took.Round(time.Second), len(latency), float64(len(latency))/took.Seconds(),
		latency[len(latency)/2].Round(100*time.Microsecond), latency[len(latency)*99/100].Round(100*time.Microsecond),
		changes, replays, stale)
}
