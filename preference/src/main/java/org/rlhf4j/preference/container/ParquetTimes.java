package org.rlhf4j.preference.container;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.JulianFields;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;

/**
 * Dates and times of Parquet as ISO 8601 text; all methods throw {@link java.time.DateTimeException} or
 * {@link ArithmeticException} for a date that is not one.
 */
final class ParquetTimes {
    private static final long NANOS = 1_000_000_000;

    private ParquetTimes() {}

    static String date(int daysSince1970) {
        return LocalDate.ofEpochDay(daysSince1970).toString();
    }

    static String time(long value, TimeUnit unit) {
        return DateTimeFormatter.ISO_LOCAL_TIME.format(
                LocalTime.ofNanoOfDay(Math.multiplyExact(value, NANOS / perSecond(unit))));
    }

    /** With a {@code Z} where the time is one of UTC, without where it is a local one. */
    static String timestamp(long value, TimeUnit unit, boolean utc) {
        long perSecond = perSecond(unit);
        long nanos = Math.floorMod(value, perSecond) * (NANOS / perSecond);
        return timestamp(Instant.ofEpochSecond(Math.floorDiv(value, perSecond), nanos), utc);
    }

    /** The twelve bytes of old writers: nanoseconds of the day, then the Julian day, in UTC. */
    static String int96(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long nanos = buffer.getLong();
        LocalDate day = LocalDate.EPOCH.with(JulianFields.JULIAN_DAY, buffer.getInt());
        return timestamp(day.atTime(LocalTime.ofNanoOfDay(nanos)).toInstant(ZoneOffset.UTC), true);
    }

    private static String timestamp(Instant instant, boolean utc) {
        LocalDateTime time = LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
        return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time) + (utc ? "Z" : "");
    }

    private static long perSecond(TimeUnit unit) {
        return switch (unit) {
            case MILLIS -> 1_000;
            case MICROS -> 1_000_000;
            case NANOS -> NANOS;
        };
    }
}
