package contact

import "time"

// StoredVersion returns the version of a stored document: its updated_at, as [AppendMerge] reads
// it. Use it for [ETag] and [Condition.Check] when the contact itself is not needed. It checks that
// the document is strict JSON, and no other field. Unlike encoding/json it does not accept a member
// Updated_At. The error is a [StoreError].
func StoredVersion(document []byte) (time.Time, error) {
	m := getScratch()
	defer m.put()
	if err := m.readDocument(&Options{MaxDepth: -1}, document, 1<<FieldUpdatedAt); err != nil {
		return time.Time{}, err
	}
	return m.existing.UpdatedAt, nil
}

// dividesSecond reports whether a second is a multiple of the step.
func dividesSecond(step time.Duration) bool { return step > 0 && time.Second%step == 0 }

// sameVersion reports whether two instants are equal once truncated to a step that divides a
// second.
func sameVersion(a, b time.Time, step time.Duration) bool {
	return a.Unix() == b.Unix() && a.Nanosecond()/int(step) == b.Nanosecond()/int(step)
}

// lostPrecision reports whether seen is the version truncated to the millisecond or microsecond.
func lostPrecision(version, seen time.Time) bool {
	ns := seen.Nanosecond()
	return ns%int(time.Millisecond) == 0 && sameVersion(version, seen, time.Millisecond) ||
		ns%int(time.Microsecond) == 0 && sameVersion(version, seen, time.Microsecond)
}

// truncateTime returns t in UTC, truncated to a step that divides a second.
func truncateTime(t time.Time, step time.Duration) time.Time {
	return time.Unix(t.Unix(), int64(t.Nanosecond())/int64(step)*int64(step)).UTC()
}

// nextVersion returns the version that follows before: now, or a later instant if now is less than
// a step after before. A clock after the year 9999 is an [ErrTime]. A version that none can follow
// is a [StoreError]: the clock is in order, and no later request can succeed either.
func nextVersion(before, now time.Time, step time.Duration) (time.Time, error) {
	if !inRange(before) || now.Unix() > maxSecond {
		return time.Time{}, &fieldError{FieldUpdatedAt, ErrTime}
	}
	least := truncateTime(before, step).Add(step)
	if before.Nanosecond()%int(step) != 0 {
		least = least.Add(step)
	}
	v := truncateTime(now, step)
	if v.Before(least) {
		v = least
	}
	if !inRange(v) {
		e := NewError(RuleTimestamp, FieldUpdatedAt.pointer())
		e.Detail = messageLastVersion.text()
		return time.Time{}, storeError(Errors{e})
	}
	return v, nil
}
