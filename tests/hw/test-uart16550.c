/* test-uart16550.c - the serial port. */
#include "config.h"

#include "hw/uart16550.h"

#include "device-fixture.h"

#include <string.h>

enum { RBR = 0, THR = 0, DLL = 0, DLM = 1, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5, MSR = 6, SCR = 7 };

typedef struct
{
  AsternClock   clock;
  AsternDevice *uart;
  Probe         irq;
  GString      *sent;
} Fixture;

static void
transmit (gpointer host, const guint8 *data, gsize size)
{
  g_string_append_len (host, (const char *) data, size);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  astern_clock_init (&f->clock);
  f->uart = astern_device_new (&uart16550_class, "serial0", NULL, &f->clock);
  f->sent = g_string_new (NULL);
  uart16550_set_transmit (f->uart, transmit, f->sent);
  probe_connect (&f->irq, uart16550_irq (f->uart));
  astern_device_write8 (f->uart, MCR, 0x0b);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  astern_device_free (f->uart);
  astern_clock_clear (&f->clock);
  g_string_free (f->sent, TRUE);
}

static guint8
get (Fixture *f, guint reg)
{
  return astern_device_read8 (f->uart, reg);
}

static void
put (Fixture *f, guint reg, guint8 value)
{
  astern_device_write8 (f->uart, reg, value);
}

static void
receive (Fixture *f, const char *text)
{
  uart16550_input (f->uart, text, strlen (text));
}

static void
what_is_written_is_sent (Fixture *f, gconstpointer data)
{
  for (const char *p = "Hello"; *p != '\0'; p++)
    {
      g_assert_cmphex (get (f, LSR) & 0x60, ==, 0x60);
      put (f, THR, *p);
    }
  g_assert_cmpstr (f->sent->str, ==, "Hello");
}

static void
the_divisor_hides_behind_dlab (Fixture *f, gconstpointer data)
{
  put (f, LCR, 0x83);
  put (f, DLL, 0x01);
  put (f, DLM, 0x02);
  g_assert_cmphex (get (f, DLL), ==, 0x01);
  g_assert_cmphex (get (f, DLM), ==, 0x02);
  put (f, LCR, 0x03);
  g_assert_cmphex (get (f, IER), ==, 0x00);
  g_assert_cmpuint (f->sent->len, ==, 0);
}

static void
receive_raises_irq_until_read (Fixture *f, gconstpointer data)
{
  put (f, IER, 0x01);
  g_assert_true (uart16550_receive (f->uart, 'A'));
  g_assert_true (f->irq.level);
  g_assert_cmphex (get (f, IIR), ==, 0x04);
  g_assert_cmphex (get (f, LSR) & 0x01, ==, 0x01);
  g_assert_cmphex (get (f, RBR), ==, 'A');
  g_assert_false (f->irq.level);
  g_assert_cmphex (get (f, IIR), ==, 0x01);
  g_assert_cmphex (get (f, LSR) & 0x01, ==, 0x00);
}

static void
a_wire_needs_out2 (Fixture *f, gconstpointer data)
{
  put (f, MCR, 0x03);
  put (f, IER, 0x01);
  receive (f, "A");
  g_assert_false (f->irq.level);
  g_assert_cmphex (get (f, IIR), ==, 0x04);
  put (f, MCR, 0x0b);
  g_assert_true (f->irq.level);
}

static void
the_fifo_interrupts_at_its_trigger (Fixture *f, gconstpointer data)
{
  put (f, FCR, 0x81);                               /* 8 bytes */
  put (f, IER, 0x01);
  receive (f, "1234567");
  g_assert_false (f->irq.level);
  receive (f, "8");
  g_assert_true (f->irq.level);
  g_assert_cmphex (get (f, IIR), ==, 0xc4);
  g_assert_cmphex (get (f, RBR), ==, '1');
  g_assert_false (f->irq.level);
}

static void
a_few_bytes_interrupt_after_four_characters (Fixture *f, gconstpointer data)
{
  put (f, LCR, 0x80);
  put (f, DLL, 12);                                 /* 9600 baud: 10 bits are 1.04 ms */
  put (f, LCR, 0x03);
  put (f, FCR, 0x81);
  put (f, IER, 0x01);
  receive (f, "12");
  clock_run (&f->clock, 4 * 1041666);
  g_assert_false (f->irq.level);
  clock_run (&f->clock, 10);
  g_assert_true (f->irq.level);
  g_assert_cmphex (get (f, IIR), ==, 0xcc);
  g_assert_cmphex (get (f, RBR), ==, '1');
  g_assert_false (f->irq.level);
  clock_run (&f->clock, 5 * 1041667);
  g_assert_true (f->irq.level);
  g_assert_cmphex (get (f, RBR), ==, '2');
  clock_run (&f->clock, 5 * 1041667);
  g_assert_false (f->irq.level);
}

static void
what_does_not_fit_waits_outside (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) long_text = g_string_new (NULL);
  g_autoptr (GString) got = g_string_new (NULL);

  for (guint i = 0; i < UART16550_BACKLOG_BYTES; i++)
    g_string_append_c (long_text, 'a' + i % 26);
  put (f, FCR, 0x01);
  receive (f, long_text->str);
  g_assert_cmpuint (uart16550_can_receive (f->uart), ==, 16);
  receive (f, "0123456789ABCDEF");
  g_assert_cmpuint (uart16550_can_receive (f->uart), ==, 0);
  g_assert_cmphex (get (f, LSR) & 0x02, ==, 0);
  g_assert_false (uart16550_receive (f->uart, '!'));
  g_assert_cmphex (get (f, LSR) & 0x02, ==, 0x02);
  g_assert_cmphex (get (f, LSR) & 0x02, ==, 0);
  while (get (f, LSR) & 0x01)
    g_string_append_c (got, get (f, RBR));
  g_string_append (long_text, "0123456789ABCDEF");
  g_assert_cmpstr (got->str, ==, long_text->str);
}

static void
an_empty_transmitter_interrupts_until_iir_is_read (Fixture *f, gconstpointer data)
{
  put (f, IER, 0x02);
  g_assert_true (f->irq.level);
  g_assert_cmphex (get (f, IIR), ==, 0x02);
  g_assert_false (f->irq.level);
  g_assert_cmphex (get (f, IIR), ==, 0x01);
  put (f, THR, 'x');
  g_assert_true (f->irq.level);
  receive (f, "A");
  put (f, IER, 0x03);
  g_assert_cmphex (get (f, IIR), ==, 0x04);         /* more urgent: the other one stays */
  get (f, RBR);
  g_assert_cmphex (get (f, IIR), ==, 0x02);
}

static void
loopback_returns_bytes_and_modem_lines (Fixture *f, gconstpointer data)
{
  get (f, MSR);
  put (f, MCR, 0x10);
  g_assert_cmphex (get (f, MSR), ==, 0x0b);         /* CTS, DSR, DCD fell */
  put (f, MCR, 0x1a);
  g_assert_cmphex (get (f, MSR), ==, 0x99);         /* RTS -> CTS, OUT2 -> DCD */
  put (f, MCR, 0x15);
  g_assert_cmphex (get (f, MSR) & 0xf0, ==, 0x60);  /* DTR -> DSR, OUT1 -> RI */
  put (f, MCR, 0x11);
  g_assert_cmphex (get (f, MSR), ==, 0x24);         /* RI fell: its trailing edge */
  put (f, THR, 'L');
  receive (f, "x");
  g_assert_cmpuint (f->sent->len, ==, 0);
  g_assert_cmphex (get (f, RBR), ==, 'L');
  g_assert_cmphex (get (f, LSR) & 0x01, ==, 0);
  put (f, MCR, 0x0b);
  g_assert_cmphex (get (f, RBR), ==, 'x');
}

static void
a_break_comes_back_in_loopback (Fixture *f, gconstpointer data)
{
  put (f, MCR, 0x10);
  put (f, LCR, 0x43);
  g_assert_cmphex (get (f, LSR) & 0x11, ==, 0x11);
  g_assert_cmphex (get (f, LSR) & 0x10, ==, 0x00);
  g_assert_cmphex (get (f, RBR), ==, 0x00);
}

static void
a_modem_line_interrupts_when_it_changes (Fixture *f, gconstpointer data)
{
  put (f, IER, 0x08);
  g_assert_false (f->irq.level);
  uart16550_set_modem (f->uart, 0x30);
  g_assert_true (f->irq.level);
  g_assert_cmphex (get (f, IIR), ==, 0x00);
  g_assert_cmphex (get (f, MSR), ==, 0x38);
  g_assert_false (f->irq.level);
}

static void
fcr_empties_the_fifo (Fixture *f, gconstpointer data)
{
  put (f, FCR, 0x01);
  receive (f, "123");
  put (f, FCR, 0x03);
  g_assert_cmphex (get (f, LSR) & 0x01, ==, 0);
  g_assert_cmphex (get (f, IIR), ==, 0xc1);
  put (f, FCR, 0x00);
  g_assert_cmphex (get (f, IIR), ==, 0x01);
}

static void
peeking_takes_nothing (Fixture *f, gconstpointer data)
{
  receive (f, "A");
  g_assert_cmphex (astern_device_peek8 (f->uart, RBR), ==, 'A');
  g_assert_cmphex (astern_device_peek8 (f->uart, RBR), ==, 'A');
  g_assert_cmphex (get (f, RBR), ==, 'A');
}

static void
a_reset_forgets_what_waits (Fixture *f, gconstpointer data)
{
  receive (f, "1234");
  put (f, IER, 0x0f);
  astern_device_reset (f->uart);
  g_assert_cmphex (get (f, LSR), ==, 0x60);
  g_assert_cmphex (get (f, IIR), ==, 0x01);
  g_assert_false (f->irq.level);
  g_assert_cmpuint (uart16550_can_receive (f->uart), ==, UART16550_BACKLOG_BYTES);
  put (f, FCR, 0x01);
  g_assert_cmphex (get (f, LSR), ==, 0x60);
}

static void
a_lost_byte_interrupts_as_line_status (Fixture *f, gconstpointer data)
{
  put (f, MCR, 0x10);
  put (f, IER, 0x05);
  put (f, THR, '1');
  g_assert_cmphex (get (f, IIR), ==, 0x04);
  put (f, THR, '2');
  g_assert_cmphex (get (f, IIR), ==, 0x06);
  g_assert_cmphex (get (f, LSR) & 0x02, ==, 0x02);
  g_assert_cmphex (get (f, IIR), ==, 0x04);
  g_assert_cmphex (get (f, RBR), ==, '1');
}

#define ADD(name) g_test_add ("/hw/uart16550/" #name, Fixture, NULL, set_up, name, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (what_is_written_is_sent);
  ADD (the_divisor_hides_behind_dlab);
  ADD (receive_raises_irq_until_read);
  ADD (a_wire_needs_out2);
  ADD (the_fifo_interrupts_at_its_trigger);
  ADD (a_few_bytes_interrupt_after_four_characters);
  ADD (what_does_not_fit_waits_outside);
  ADD (an_empty_transmitter_interrupts_until_iir_is_read);
  ADD (loopback_returns_bytes_and_modem_lines);
  ADD (a_break_comes_back_in_loopback);
  ADD (a_modem_line_interrupts_when_it_changes);
  ADD (fcr_empties_the_fifo);
  ADD (peeking_takes_nothing);
  ADD (a_reset_forgets_what_waits);
  ADD (a_lost_byte_interrupts_as_line_status);
  return g_test_run ();
}
