-- Makes the database what this version of datasvc expects; run again, it changes nothing. Versions that run side by
-- side share it, so that it only ever adds. What is there wins over the data of the image.
\set data `cat /data/shop.json`
begin;
-- One migration at a time.
select pg_advisory_xact_lock(5340) \g /dev/null

create table if not exists products (
    id text primary key,
    name text not null,
    category text not null,
    price_cents integer not null,
    stock integer not null
);
create table if not exists orders (
    id text primary key,
    "user" text not null,
    placed text not null,
    status text not null,
    lines jsonb not null
);

insert into products
select * from jsonb_populate_recordset(null::products, :'data'::jsonb -> 'products')
on conflict do nothing;
insert into orders
select * from jsonb_populate_recordset(null::orders, :'data'::jsonb -> 'orders')
on conflict do nothing;
commit;
