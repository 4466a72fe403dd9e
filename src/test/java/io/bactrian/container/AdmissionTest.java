package io.bactrian.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AdmissionTest {

    @Test
    void boundsRequests() {
        Admission admission = new Admission(2, 100);
        assertTrue(admission.enter(0));
        assertTrue(admission.enter(0));
        assertFalse(admission.enter(0));
        assertEquals(2, admission.inFlight());
        admission.leave(0);
        assertTrue(admission.enter(0));
    }

    @Test
    void boundsBytes() {
        Admission admission = new Admission(10, 100);
        assertTrue(admission.enter(60));
        assertFalse(admission.enter(41));
        assertTrue(admission.enter(40));
        assertFalse(admission.enter(1));
        admission.leave(60);
        assertTrue(admission.enter(1));
        assertEquals(2, admission.inFlight());
    }

    @Test
    void takesALoneRequestOfAnySize() {
        Admission admission = new Admission(10, 100);
        assertTrue(admission.enter(1000));
        assertFalse(admission.enter(1));
        admission.leave(1000);
        assertTrue(admission.enter(1));
    }
}
